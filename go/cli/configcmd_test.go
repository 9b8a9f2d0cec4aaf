package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyValuesThatAnOptionCanHaveAreSet(t *testing.T) {
	const before = "chain-id = \"\"\nnode = \"tcp://localhost:26657\"\noutput = \"text\"\n"
	path := filepath.Join(t.TempDir(), "client.toml")
	require.NoError(t, os.WriteFile(path, []byte(before), 0o600))
	for want, pairs := range map[string][]string{
		`node: expected SCHEME://HOST:PORT, such as tcp://127.0.0.1:26657, got "foo"`:    {"chain-id", "a", "node", "foo"},
		`node: expected SCHEME://HOST:PORT, such as tcp://127.0.0.1:26657, got "tcp://"`: {"node", `"tcp://"`},
		`output: expected text or json, got "xml"`:                                       {"output", "xml"},
		path + ` has no key "ouput": did you mean output?`:                               {"ouput", "json"},
		path + ` has no key "frobnicate"`:                                                {"frobnicate", "json"},
	} {
		require.EqualError(t, setOptions(path, pairs), want)
	}
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, string(text))
	require.NoError(t, setOptions(path, []string{"node", "http://a:1", "output", "json"}))
	text, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), "http://a:1")
}
