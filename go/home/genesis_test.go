package home

import (
	"strings"
	"testing"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/stretchr/testify/require"

	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
)

// kept is CometBFT's state database.
type kept []byte

func (k kept) Get([]byte) ([]byte, error) { return k, nil }

const someGenesis = `{
  "app_name": "agd", "app_version": "1", "genesis_time": "2026-01-02T03:04:05Z", "chain_id": "a", "initial_height": 1, "app_hash": null,
  "app_state": {"bank": {"supply": [], "params": {"a": 1}}, "vbank": {"b": "<x>"}},
  "consensus": {"params": {"block": {"max_bytes": "1000", "max_gas": "-1"}, "evidence": {"max_age_num_blocks": "1", "max_age_duration": "1", "max_bytes": "1"},
    "validator": {"pub_key_types": ["ed25519"]}, "version": {"app": "0"}, "abci": {"vote_extensions_enable_height": "0"}}}}`

func genesisOf(t *testing.T, text string) *genutiltypes.AppGenesis {
	t.Helper()
	genesis, err := genutiltypes.AppGenesisFromReader(strings.NewReader(text))
	require.NoError(t, err)
	return genesis
}

func TestAGenesisThatSaysAnotherThingIsRefused(t *testing.T) {
	// As CometBFT does it.
	doc, err := genesisOf(t, someGenesis).ToGenesisDoc()
	require.NoError(t, err)
	require.NoError(t, doc.ValidateAndComplete())
	state, err := cmtjson.Marshal(doc)
	require.NoError(t, err)

	for _, test := range []struct{ name, old, new, member string }{
		{"the same", "", "", ""},
		{"another layout", "\n", "\n\n ", ""},
		{"another order", `{"supply": [], "params": {"a": 1}}`, `{"params": {"a": 1}, "supply": []}`, ""},
		{"another way to write a character", "<x>", `\u003cx\u003e`, ""},
		{"another version of agd", `"app_version": "1"`, `"app_version": "2"`, ""},
		{"no time", `"genesis_time": "2026-01-02T03:04:05Z", `, "", ""},
		{"a default spelled out no more", `"initial_height": 1, `, "", ""},
		{"another time", "03:04:05Z", "03:04:06Z", "genesis_time"},
		{"another height", `"initial_height": 1`, `"initial_height": 2`, "initial_height"},
		{"another value of a module", `"a": 1`, `"a": 2`, "app_state.bank"},
		{"a module less", `, "vbank": {"b": "<x>"}`, "", "app_state.vbank"},
		{"another parameter of consensus", `"max_bytes": "1000"`, `"max_bytes": "1001"`, "consensus_params"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(someGenesis, test.old, test.new, 1)
			require.True(t, test.old == "" || text != someGenesis)
			err := checkKeptGenesis(kept(state), "F", genesisOf(t, text))
			if test.member == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, `the genesis "F" differs in "`+test.member+
				"\" from the one that this chain began with: restore the file, or begin anew with `agd comet unsafe-reset-all`")
		})
	}
	require.NoError(t, checkKeptGenesis(kept(nil), "F", genesisOf(t, someGenesis)), "nothing is kept")
	require.ErrorContains(t, checkKeptGenesis(kept("{"), "F", genesisOf(t, someGenesis)), "the genesis that CometBFT has kept")
}
