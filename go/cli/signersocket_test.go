package cli

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASignersSocketIsRemovedOnlyIfNobodyListensThere(t *testing.T) {
	// Not t.TempDir: a socket's path has at most about 100 bytes.
	dir, err := os.MkdirTemp("", "agd")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "signer")
	address := "unix://" + file
	require.NoError(t, removeStaleSocket(address), "there is none")
	require.NoError(t, removeStaleSocket("tcp://127.0.0.1:1"))

	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: file, Net: "unix"})
	require.NoError(t, err)
	listener.SetUnlinkOnClose(false)
	require.ErrorContains(t, removeStaleSocket(address), "another process listens at "+file)
	require.FileExists(t, file)
	require.NoError(t, listener.Close())

	require.NoError(t, removeStaleSocket(address))
	require.NoFileExists(t, file)

	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	require.NoError(t, removeStaleSocket(address))
	require.FileExists(t, file, "no socket")
}
