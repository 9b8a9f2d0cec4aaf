package cli

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyASocketThatNobodyListensOnIsRemoved(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "signer.sock")
	address := "unix://" + file
	require.NoError(t, removeOldSocket(address), "there is none")
	require.NoError(t, removeOldSocket("tcp://127.0.0.1:1"))

	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: file, Net: "unix"})
	require.NoError(t, err)
	listener.SetUnlinkOnClose(false)
	require.EqualError(t, removeOldSocket(address), "priv_validator_laddr: another process listens on "+address)
	require.FileExists(t, file)

	require.NoError(t, listener.Close())
	require.NoError(t, removeOldSocket(address))
	require.NoFileExists(t, file)

	require.NoError(t, os.WriteFile(file, []byte("no socket"), 0o600))
	require.NoError(t, removeOldSocket(address))
	require.FileExists(t, file)
}
