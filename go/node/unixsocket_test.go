package node

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASocketIsRemovedOnlyIfNobodyListensThere(t *testing.T) {
	// Not t.TempDir: a socket's path has at most 107 bytes.
	dir, err := os.MkdirTemp("", "agd")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "socket")
	require.NoError(t, freeSocketPath(file), "there is none")
	require.NoError(t, freeSocketPath("@abstract"))

	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: file, Net: "unix"})
	require.NoError(t, err)
	listener.SetUnlinkOnClose(false)
	require.ErrorContains(t, freeSocketPath(file), "another process listens at")
	require.FileExists(t, file)
	require.NoError(t, listener.Close())

	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(file, link))
	require.ErrorContains(t, freeSocketPath(link), "is not a socket")
	require.FileExists(t, link)

	require.NoError(t, freeSocketPath(file))
	require.NoFileExists(t, file)

	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	require.ErrorContains(t, freeSocketPath(file), "is not a socket")
	require.FileExists(t, file)
	require.ErrorContains(t, freeSocketPath(filepath.Join(dir, "none", "socket")), "no directory")
	require.ErrorContains(t, freeSocketPath(filepath.Join(file, "socket")), "no directory")
	require.ErrorContains(t, freeSocketPath(dir+"/"+strings.Repeat("x", maxSocketPath)), "at most 107 bytes")
}
