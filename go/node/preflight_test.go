package node

import (
	"crypto/sha256"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
)

func TestAGenesisThatIsNotTheOneIsRefused(t *testing.T) {
	root := testHome(t)
	read, err := optionsOfHome(root)
	require.NoError(t, err)
	file := read.Config.GenesisFile()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	hash := fmt.Sprintf("%X", sha256.Sum256(text))
	for _, c := range []struct{ chain, hash, want string }{
		{"", "", ""},
		{"agd-test", hash, ""},
		{"other", "", "--chain-id is other, but the genesis of this home is of chain agd-test"},
		{"", "00", "but --genesis_hash is 00"},
	} {
		_, err := checkGenesis(read.Config, c.chain, c.hash)
		if c.want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, c.want)
		}
	}
	require.NoError(t, os.Remove(file))
	_, err = checkGenesis(read.Config, "", "")
	require.EqualError(t, err, "no genesis at "+file+": run `agd init MONIKER`, or copy the network's genesis there")
}

func TestTheInspectorIsTakenWhereNodeHostsAgd(t *testing.T) {
	at, err := inspectorOf(options.Options{Inspect: "9229"}, true)
	require.NoError(t, err)
	require.Equal(t, address{option: "--vm-inspect", value: "127.0.0.1:9229", form: plain, taken: true}, at)
	_, err = inspectorOf(options.Options{Inspect: "80"}, false)
	require.ErrorContains(t, err, "--vm-inspect: expected [HOST:]PORT")
}

func TestAHomeThatCannotBeExportedIsRefused(t *testing.T) {
	layout := home.Layout(t.TempDir())
	require.EqualError(t, checkExportable(layout, 0, -1), string(layout)+" has no block yet: there is nothing to export")
	require.ErrorContains(t, checkExportable(layout, 5, 4), "--height 4: the kernel's store has only the latest block, 5: omit --height")
	require.ErrorContains(t, checkExportable(layout, 5, 5), "no kernel's store at "+layout.KernelStore())
	require.NoError(t, os.MkdirAll(layout.KernelState(), 0o700))
	require.NoError(t, os.WriteFile(layout.KernelStore(), nil, 0o600))
	require.NoError(t, checkExportable(layout, 5, -1))
}
