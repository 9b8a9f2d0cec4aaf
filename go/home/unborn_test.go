package home

import (
	"os"
	"path/filepath"
	"testing"

	cometdb "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"
)

func TestADatabaseWhoseCreationWasInterruptedIsMadeAnew(t *testing.T) {
	data := t.TempDir()
	open := func(name string) error {
		db, err := cometdb.NewGoLevelDB(name, data)
		if err != nil {
			return err
		}
		return db.Close()
	}
	// As a process leaves them that ends before LevelDB has written CURRENT.
	for _, name := range []string{"state", "whole", "used"} {
		require.NoError(t, open(name))
	}
	remove := func(pattern string) {
		files, err := filepath.Glob(filepath.Join(data, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			require.NoError(t, os.Remove(file))
		}
	}
	remove("state.db/CURRENT*")
	remove("state.db/*.log")
	remove("used.db/CURRENT*")
	require.ErrorContains(t, open("state"), "entry point")

	require.NoError(t, RemoveUnborn(data))
	require.NoError(t, open("state"))
	require.NoError(t, open("whole"))
	require.ErrorContains(t, open("used"), "entry point", "it has a journal, so it may have entries")
}
