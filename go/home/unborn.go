package home

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
)

// unborn matches the files that LevelDB writes before a new database can hold
// an entry: the first entry needs a journal (.log), and later tables (.ldb).
var unborn = regexp.MustCompile(`^(LOCK|LOG|LOG\.old|MANIFEST-\d+|CURRENT\.\d+)$`)

// RemoveUnborn removes databases of a home whose creation was interrupted, by a
// signal in the first start or a power cut: they have no CURRENT file, so
// LevelDB refuses to open them, and no entries. The caller holds the lock on
// the home's data.
func RemoveUnborn(data string) error {
	databases, err := filepath.Glob(filepath.Join(data, "*.db"))
	if err != nil {
		return err
	}
	var failed []error
	for _, database := range append(databases, filepath.Join(data, "snapshots", "metadata.db")) {
		entries, err := os.ReadDir(database)
		if err != nil || len(entries) == 0 {
			continue // absent or of another type: the checks of the home report it
		}
		hasEntries := false
		for _, entry := range entries {
			hasEntries = hasEntries || !unborn.MatchString(entry.Name())
		}
		if !hasEntries {
			failed = append(failed, os.RemoveAll(database))
		}
	}
	return errors.Join(failed...)
}
