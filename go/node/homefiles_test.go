package node

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cometdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	cmtstore "github.com/cometbft/cometbft/proto/tendermint/store"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// testHeight is the last block of a testHome.
const testHeight = 3

// testHome is a home with every file of a node that start checks before it
// starts a kernel.
func testHome(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	read, err := optionsOfHome(root)
	require.NoError(t, err)
	comet := read.Config
	key := privval.GenFilePV(comet.PrivValidatorKeyFile(), comet.PrivValidatorStateFile())
	key.LastSignState.Height = testHeight
	key.Save()
	_, err = p2p.LoadOrGenNodeKey(comet.NodeKeyFile())
	require.NoError(t, err)

	validator := cmttypes.GenesisValidator{PubKey: key.Key.PubKey, Power: 1}
	genesis := genutiltypes.NewAppGenesisWithVersion("agd-test", []byte("{}"))
	genesis.Consensus.Validators = []cmttypes.GenesisValidator{validator}
	require.NoError(t, genesis.ValidateAndComplete())
	require.NoError(t, genesis.SaveAs(comet.GenesisFile()))
	doc, err := genesis.ToGenesisDoc()
	require.NoError(t, err)

	inComet(t, comet, "state", func(db cometdb.DB) {
		state, err := sm.MakeGenesisState(doc)
		require.NoError(t, err)
		state.LastBlockHeight, state.LastValidators = testHeight, state.Validators
		require.NoError(t, sm.NewStore(db, sm.StoreOptions{}).Bootstrap(state))
	})
	inComet(t, comet, "blockstore", func(db cometdb.DB) {
		//lint:ignore SA1019 nothing else writes a height without blocks
		store.SaveBlockStoreState(&cmtstore.BlockStoreState{Base: 1, Height: testHeight}, db)
	})
	for _, id := range []string{"evidence", "tx_index"} {
		inComet(t, comet, id, func(db cometdb.DB) { require.NoError(t, db.SetSync([]byte("key"), []byte("value"))) })
	}
	chain, err := home.OpenChainStore(root, viper.New())
	require.NoError(t, err)
	multi := rootmulti.NewStore(chain, log.NewNopLogger())
	require.NoError(t, multi.LoadLatestVersion())
	for range testHeight {
		multi.Commit()
	}
	require.NoError(t, chain.Close())
	snapshots, err := dbm.NewDB("metadata", dbm.GoLevelDBBackend, filepath.Join(root, "data", "snapshots"))
	require.NoError(t, err)
	require.NoError(t, snapshots.Close())

	book := `{"key": "0123456789abcdef01234567", "addrs": [{"addr": {"id": "ab", "ip": "127.0.0.1", "port": 1},
		"src": {"id": "ab", "ip": "127.0.0.1", "port": 1}, "buckets": [255], "bucket_type": 1}]}`
	require.NoError(t, os.WriteFile(comet.P2P.AddrBookFile(), []byte(book), 0o600))
	wal := comet.Consensus.WalFile()
	require.NoError(t, os.MkdirAll(filepath.Dir(wal), 0o700))
	require.NoError(t, os.WriteFile(wal, []byte("votes"), 0o600))
	sqlite := append([]byte("SQLite format 3\x00"), make([]byte, 4096-len("SQLite format 3\x00"))...)
	binary.BigEndian.PutUint16(sqlite[16:], 4096)
	binary.BigEndian.PutUint32(sqlite[28:], 1)
	require.NoError(t, os.MkdirAll(filepath.Join(root, "data", "agoric"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, "data", "agoric", "swingstore.sqlite"), sqlite, 0o600))
	return root
}

func inComet(t *testing.T, comet *cmtcfg.Config, id string, use func(cometdb.DB)) {
	t.Helper()
	db, err := home.OpenCometStore(&cmtcfg.DBContext{ID: id, Config: comet})
	require.NoError(t, err)
	use(db)
	require.NoError(t, db.Close())
}

// optionsOfHome reads a home's files of options, without flags.
func optionsOfHome(root string) (*server.Context, error) {
	cmd := &cobra.Command{}
	cmd.SetContext(context.WithValue(context.Background(), server.ServerContextKey, server.NewDefaultContext()))
	err := options.Read(cmd, root, nil)
	return server.GetServerContextFromCmd(cmd), err
}

// checkHome checks a home as start does, except for its ports and the kernel's
// export.
func checkHome(root string) error {
	read, err := optionsOfHome(root)
	if err != nil {
		return err
	}
	v, comet := read.Viper, read.Config
	genesis, err := checkGenesis(comet, "", "")
	if err != nil {
		return err
	}
	if _, err := home.CheckChain(comet, genesis); err != nil {
		return err
	}
	if err := home.CheckFiles(comet); err != nil {
		return err
	}
	return home.CheckDatabases(comet, v)
}

// The kinds of damage to each file of a home.
type damage struct {
	name string
	do   func(t *testing.T, path string)
}

var damages = []damage{
	{"missing", func(t *testing.T, path string) { require.NoError(t, os.RemoveAll(path)) }},
	{"empty", func(t *testing.T, path string) { eachFile(t, path, func(string) []byte { return nil }) }},
	{"half", func(t *testing.T, path string) {
		eachFile(t, path, func(text string) []byte {
			half := text[:len(text)/2]
			if strings.HasSuffix(path, ".toml") {
				half = half[:strings.LastIndexByte(half, '\n')+1] // not within a string, at any place
			}
			return []byte(half)
		})
	}},
	{"garbage", func(t *testing.T, path string) {
		eachFile(t, path, func(text string) []byte { return []byte(strings.Repeat("\x00\xffA", len(text)/3+1)) })
	}},
	{"other type", func(t *testing.T, path string) {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, os.RemoveAll(path))
		if info.IsDir() {
			require.NoError(t, os.WriteFile(path, []byte("a file"), 0o600))
		} else {
			require.NoError(t, os.Mkdir(path, 0o700))
		}
	}},
}

// eachFile changes a file, or all files of a directory. Empty directories are
// databases without anything.
func eachFile(t *testing.T, path string, change func(text string) []byte) {
	t.Helper()
	entries, err := os.ReadDir(path)
	if err != nil {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, change(string(text)), 0o600))
		return
	}
	for _, entry := range entries {
		eachFile(t, filepath.Join(path, entry.Name()), change)
	}
}

// Damage without a refusal: the file is created again or repaired, or another
// check covers it.
const anew = "anew"

func TestADamagedFileOfAHomeIsNamed(t *testing.T) {
	template := testHome(t)
	require.NoError(t, checkHome(template))
	for file, expected := range map[string]map[string]string{
		// Half a file may be valid TOML.
		"config/config.toml":             {"missing": anew, "half": anew},
		"config/app.toml":                {"missing": anew, "half": anew},
		"config/genesis.json":            {"missing": "agd init MONIKER"},
		"config/node_key.json":           {"missing": anew},
		"config/addrbook.json":           {"missing": anew},
		"config/priv_validator_key.json": {"missing": "shows a signature at height 3"},
		"data/priv_validator_state.json": {},
		"data/blockstore.db":             {"missing": "has no block"},
		"data/state.db":                  {"missing": "ends with block 3"},
		"data/application.db":            {"missing": anew}, // all blocks are executed again
		"data/tx_index.db":               {"missing": anew},
		"data/evidence.db":               {"missing": anew},
		"data/snapshots":                 {"missing": anew},
		"data/cs.wal":                    {"missing": anew, "empty": anew, "half": anew, "garbage": anew}, // CometBFT repairs it
		"data/cs.wal/wal":                {"missing": anew, "empty": anew, "half": anew, "garbage": anew},
		"data/agoric/swingstore.sqlite":  {"missing": anew, "empty": anew},
	} {
		for _, damage := range damages {
			t.Run(file+", "+damage.name, func(t *testing.T) {
				root := copyOfHome(t, template)
				path := filepath.Join(root, file)
				damage.do(t, path)
				err := checkHome(root)
				if expected[damage.name] == anew {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, path)
				require.ErrorContains(t, err, expected[damage.name])
				require.NotContains(t, err.Error(), "goroutine")
				require.NotContains(t, err.Error(), "runtime error")
				require.Regexp(t, `restore|remove|copy|agd init|:\d+:\d+: toml: `, err.Error(), "what to do")
				t.Log(err.Error())
			})
		}
	}
}

// A single file of a database may be damaged. The database then opens with less
// content, or the error names it.
func TestADamagedFileOfADatabaseIsNamedOrMended(t *testing.T) {
	template := testHome(t)
	for _, database := range []string{"state.db", "blockstore.db", "application.db"} {
		files, err := filepath.Glob(filepath.Join(template, "data", database, "*"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			for _, damage := range damages {
				t.Run(database+"/"+filepath.Base(file)+", "+damage.name, func(t *testing.T) {
					root := copyOfHome(t, template)
					path := filepath.Join(root, "data", database)
					damage.do(t, filepath.Join(path, filepath.Base(file)))
					if err := checkHome(root); err != nil {
						require.ErrorContains(t, err, path)
						require.NotContains(t, err.Error(), "runtime error")
						require.Contains(t, err.Error(), "restore the whole home directory from a backup")
					}
				})
			}
		}
	}
}

func TestKeysAndAddressesThatCometBFTWouldPanicOverAreRefused(t *testing.T) {
	root := testHome(t)
	for file, rows := range map[string]map[string]string{
		"config/node_key.json": {
			`{}`: "no priv_key",
			`{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"AAAA"}}`:                              "not a whole key",
			`{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"` + strings.Repeat("A", 86) + `=="}}`: "not a whole key",
		},
		"config/priv_validator_key.json": {`{}`: "no priv_key", `{"priv_key":null}`: "no priv_key"},
		"data/priv_validator_state.json": {`{}`: "no height", `{"height":"-1"}`: "no height", `null`: "no height"},
		"config/addrbook.json": {
			`[]`:                            "cannot unmarshal array",
			`{"addrs":[null]}`:              "addrs[0] has no addr",
			`{"addrs":[{"bucket_type":1}]}`: "addrs[0] has no addr",
			`{"addrs":[{"addr":{"id":"a"},"bucket_type":3}]}`:                  "no bucket_type 3",
			`{"addrs":[{"addr":{"id":"a"},"bucket_type":2,"buckets":[64]}]}`:   "the bucket 64, of 64",
			`{"addrs":[{"addr":{"id":"a"},"bucket_type":1,"buckets":[0,-1]}]}`: "the bucket -1, of 256",
		},
	} {
		path := filepath.Join(root, file)
		good, err := os.ReadFile(path)
		require.NoError(t, err)
		for text, reason := range rows {
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			err := checkHome(root)
			require.ErrorContains(t, err, path, text)
			require.ErrorContains(t, err, reason, text)
		}
		require.NoError(t, os.WriteFile(path, good, 0o600))
		require.NoError(t, checkHome(root))
	}
}

func copyOfHome(t *testing.T, root string) string {
	t.Helper()
	target := filepath.Join(t.TempDir(), "home")
	require.NoError(t, os.CopyFS(target, os.DirFS(root)))
	return target
}
