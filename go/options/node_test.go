package options

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAddressOfANodeIsCheckedBeforeItIsUsed(t *testing.T) {
	for _, good := range []string{"", "tcp://127.0.0.1:26657", "http://[::1]:1", "https://example.org", "https://example.org:443/rpc", "unix:///run/agd.sock"} {
		require.NoError(t, CheckNode(good), good)
	}
	for _, bad := range []string{"foo", "127.0.0.1:26657", "localhost:26657", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "http://:1", "ftp://a:1", "tcp://a:b"} {
		require.EqualError(t, CheckNode(bad), `--node: expected SCHEME://HOST:PORT, such as tcp://127.0.0.1:26657, got "`+bad+`"`)
	}
}
