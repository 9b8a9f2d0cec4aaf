package options

import (
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

func TestAnAddressOfANodeIsCheckedBeforeItIsUsed(t *testing.T) {
	for _, good := range []string{"", "tcp://127.0.0.1:26657", "http://[::1]:1", "https://example.org", "https://example.org:443/rpc", "unix:///run/agd.sock"} {
		require.NoError(t, CheckClient("node", good), good)
	}
	for _, bad := range []string{"foo", "127.0.0.1:26657", "localhost:26657", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "http://:1", "ftp://a:1", "tcp://a:b"} {
		require.EqualError(t, CheckClient("node", bad), `node: expected SCHEME://HOST:PORT, such as tcp://127.0.0.1:26657, got "`+bad+`"`)
	}
}

func TestAValueOfClientTomlIsCheckedIfItHasAForm(t *testing.T) {
	for _, c := range []struct{ option, value, want string }{
		{"output", "json", ""},
		{"output", "xml", `output: expected text or json, got "xml"`},
		{"broadcast-mode", "block", `broadcast-mode: expected sync or async, got "block"`},
		{"keyring-backend", "foo", `keyring-backend: expected os, file, kwallet, pass, test or memory, got "foo"`},
		{"chain-id", "agoric-3", ""},
		{"chain-id", "a b", `chain-id: expected at most 50 bytes without white space, got "a b"`},
		{"keyring-default-keyname", "a b", ""},
	} {
		if err := CheckClient(c.option, c.value); c.want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, c.want)
		}
	}
}

func TestAFlagOfAClientIsRefusedWithTheValuesThatItHas(t *testing.T) {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.String("keyring-backend", "unchecked default", "")
	set.String("node", "", "")
	require.NoError(t, CheckClientFlags(set))
	require.NoError(t, set.Set("keyring-backend", "foo"))
	require.EqualError(t, CheckClientFlags(set), `option keyring-backend: --keyring-backend has "foo": expected os, file, kwallet, pass, test or memory`)
}
