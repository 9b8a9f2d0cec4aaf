package swingstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Complete prepares a genesis whose kernel is restored from the export in dir.
// It checks that the export exists, and replaces the hash in the genesis by the
// export data. If the genesis has neither hash nor export data, restore is
// false and dir is not read.
func Complete(genesis *types.GenesisState, dir string) (restore bool, err error) {
	if err := genesis.Validate(); err != nil {
		return false, err
	}
	if len(genesis.SwingStoreExportData) == 0 && genesis.SwingStoreExportDataHash == "" {
		return false, nil
	}
	if _, err := ReadManifest(dir); err != nil {
		return true, fmt.Errorf("the genesis needs the kernel's store, exported, in %s: %w", dir, err)
	}
	if genesis.SwingStoreExportDataHash == "" {
		return true, nil
	}
	data, err := readExportData(dir)
	if err != nil {
		return true, fmt.Errorf("%s: %w", dir, err)
	}
	if hash := Hash(data); hash != genesis.SwingStoreExportDataHash {
		return true, fmt.Errorf("%s: %s is not of this genesis: its hash is %s, the genesis has %s",
			dir, exportDataName, hash, genesis.SwingStoreExportDataHash)
	}
	genesis.SwingStoreExportData, genesis.SwingStoreExportDataHash = data, ""
	return true, genesis.Validate()
}

// readExportData reads what WriteExportData writes.
func readExportData(dir string) ([]*types.SwingStoreExportDataEntry, error) {
	file, err := os.Open(filepath.Join(dir, exportDataName))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var entries []*types.SwingStoreExportDataEntry
	decoder := json.NewDecoder(bufio.NewReader(file))
	for {
		var entry []*string
		if err := decoder.Decode(&entry); errors.Is(err, io.EOF) {
			return entries, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: entry %d: %w", exportDataName, len(entries), err)
		}
		if len(entry) != 2 || entry[0] == nil || entry[1] == nil {
			return nil, fmt.Errorf("%s: entry %d: expected a key and a value", exportDataName, len(entries))
		}
		entries = append(entries, &types.SwingStoreExportDataEntry{Key: *entry[0], Value: *entry[1]})
	}
}

// Restoration describes the store to restore.
type Restoration struct {
	// Dir has the artifacts and their manifest. It is only read.
	Dir string
	// Data are the chain's export data, which the artifacts must match.
	Data []*types.SwingStoreExportDataEntry
	// Height is the block that the restored kernel has committed; 0: none, so
	// that the next block may have any height.
	Height int64
	// State is the directory of the kernel's store. Work is a directory beside
	// it that is created and removed.
	State, Work string
}

// Restore makes the kernel replace its store. The kernel must not have been
// started in this process. All paths are absolute. After an error there is no
// store left.
func Restore(ctx context.Context, kernel Upcaller, r Restoration) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, empty(r.State))
		}
		err = errors.Join(err, os.RemoveAll(r.Work))
	}()
	manifest, err := ReadManifest(r.Dir)
	if err != nil {
		return err
	}
	if err := prepare(r, manifest); err != nil {
		return err
	}
	wanted := options{ArtifactMode: ModeOperational, ExportDataMode: "all", ExportDir: r.Work}
	if manifest.ArtifactMode == ModeReplay || manifest.ArtifactMode == ModeArchival {
		wanted.ArtifactMode = manifest.ArtifactMode
	}
	_, err = kernel.Upcall(ctx, vm.MethodSwingStoreExport, restoreRequest{
		Request: "restore", BlockHeight: r.Height, Args: []options{wanted},
	})
	return err
}

// prepare creates in r.Work an export with the wanted height and export data.
// Its artifacts are links to those of r.Dir.
func prepare(r Restoration, manifest Manifest) error {
	if err := errors.Join(os.RemoveAll(r.Work), os.MkdirAll(r.Work, 0o755)); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(r.Work, exportDataName))
	if err != nil {
		return err
	}
	if err := errors.Join(writeEntries(file, r.Data), file.Close()); err != nil {
		return err
	}
	artifacts := make([][2]string, 0, len(manifest.Artifacts))
	for i, artifact := range manifest.Artifacts {
		link := "artifact-" + strconv.Itoa(i)
		if err := os.Symlink(filepath.Join(r.Dir, artifact[1]), filepath.Join(r.Work, link)); err != nil {
			return err
		}
		artifacts = append(artifacts, [2]string{artifact[0], link})
	}
	manifest.BlockHeight, manifest.Artifacts = r.Height, artifacts
	return WriteManifest(r.Work, manifest)
}

// WriteManifest completes a directory with export data and artifacts to an
// export.
func WriteManifest(dir string, manifest Manifest) error {
	manifest.Data = exportDataName
	text, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestName), text, 0o644)
}

// empty removes the content of a directory.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	return err
}
