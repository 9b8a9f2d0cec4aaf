package home

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAHomeExistsWithItsConfiguration(t *testing.T) {
	dir := t.TempDir()
	exists, err := Exists(filepath.Join(dir, "none"))
	require.NoError(t, err)
	require.False(t, exists)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "config"), 0o755))
	exists, err = Exists(dir)
	require.NoError(t, err)
	require.True(t, exists)
}

func TestAFileThatMustNotBeReadNamesItsOwner(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "client.toml")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	err := denied(file, fs.ErrPermission)
	require.EqualError(t, err, fmt.Sprintf("cannot read %q: permission denied: let its owner read it (chmod u+rwX), or name another home directory with --home", file))
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	require.NoError(t, os.Chown(file, 54321, 54321))
	err = denied(file, fs.ErrPermission)
	require.EqualError(t, err, fmt.Sprintf("cannot read %q: permission denied: %q belongs to user 54321, and agd runs as \"root\": run agd as 54321, or name another home directory with --home", file, file))
}
