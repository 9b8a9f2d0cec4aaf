package swingstore

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Names of files in an export's directory.
const (
	manifestName   = "export-manifest.json"
	exportDataName = "export-data.jsonl"
)

// Manifest describes the content of an export's directory.
type Manifest struct {
	BlockHeight  int64       `json:"blockHeight"`
	ArtifactMode Mode        `json:"artifactMode,omitempty"`
	Data         string      `json:"data,omitempty"` // empty: without export data
	Artifacts    [][2]string `json:"artifacts"`      // name, file
}

const (
	// maxManifestBytes bounds a manifest: some 250,000 artifacts.
	maxManifestBytes = 32 << 20
	// dirNames is how many names of a directory are read at a time.
	dirNames = 1024
)

// ReadManifest reads the manifest of an export that an operator names, and
// checks that the listed files exist.
func ReadManifest(dir string) (Manifest, error) {
	file, err := os.Open(filepath.Join(dir, manifestName))
	if err != nil {
		return Manifest{}, err
	}
	defer file.Close()
	manifest, err := readManifest(file)
	if err != nil {
		return manifest, err
	}
	for _, artifact := range manifest.Artifacts {
		info, err := os.Lstat(filepath.Join(dir, artifact[1]))
		if err != nil {
			return manifest, err
		}
		if !info.Mode().IsRegular() {
			return manifest, fmt.Errorf("%s: artifact %q is no file", manifestName, artifact[1])
		}
	}
	return manifest, nil
}

// readManifest reads a manifest whose files must all be in one directory.
func readManifest(file io.Reader) (manifest Manifest, err error) {
	text, err := io.ReadAll(io.LimitReader(file, maxManifestBytes+1))
	switch {
	case err != nil:
		return manifest, err
	case len(text) > maxManifestBytes:
		return manifest, fmt.Errorf("%s: expected at most %d bytes (maxManifestBytes)", manifestName, maxManifestBytes)
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return manifest, fmt.Errorf("%s: %w", manifestName, err)
	}
	if manifest.Data != "" && manifest.Data != exportDataName {
		return manifest, fmt.Errorf("%s: data: expected %q, got %s", manifestName, exportDataName, named(manifest.Data))
	}
	if len(manifest.Artifacts) == 0 {
		return manifest, fmt.Errorf("%s: no artifacts", manifestName)
	}
	for _, artifact := range manifest.Artifacts {
		if !isName(artifact[1]) {
			return manifest, fmt.Errorf("%s: artifact %s is not in the directory", manifestName, named(artifact[1]))
		}
	}
	return manifest, nil
}

// manifest reads the manifest of the export of a height.
func (d *vmDir) manifest(height int64) (Manifest, error) {
	file, _, err := d.open(manifestName)
	if err != nil {
		return Manifest{}, err
	}
	defer file.Close()
	manifest, err := readManifest(file)
	if err != nil {
		return manifest, fault("%v", err)
	}
	if manifest.BlockHeight != height {
		return manifest, fault("%s: expected block %d, got %d", manifestName, height, manifest.BlockHeight)
	}
	return manifest, nil
}

// checkFiles requires that the directory holds exactly the files of an export
// with export data.
func (d *vmDir) checkFiles(manifest Manifest) error {
	if manifest.Data == "" {
		return fault("%s: expected export data", manifestName)
	}
	files := make(map[string]bool, len(manifest.Artifacts)+2)
	files[manifestName], files[exportDataName] = true, true
	for _, artifact := range manifest.Artifacts {
		if files[artifact[1]] {
			return fault("%s: expected each file once, got %s again", manifestName, named(artifact[1]))
		}
		files[artifact[1]] = true
	}
	for name := range files {
		file, _, err := d.open(name)
		if err != nil {
			return err
		}
		_ = file.Close() // only read
	}
	for {
		names, err := d.file.Readdirnames(dirNames)
		for _, name := range names {
			if !files[name] {
				return fault("expected the files of the manifest alone, got %s", named(name))
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// Hash returns the hash of the entries that a genesis holds: that of the file
// that WriteExportData writes.
func Hash(entries []*types.SwingStoreExportDataEntry) string {
	hash := sha256.New()
	_ = writeEntries(hash, entries) // a hash accepts everything
	return fmt.Sprintf("sha256:%x", hash.Sum(nil))
}

// WriteExportData writes entries, the chain's export data in key order, as the
// export data of a directory that Export made. The kernel's export data there
// must have the same entries, in any order. Otherwise the two stores have
// different heights, or one of them is damaged.
func WriteExportData(path string, entries []*types.SwingStoreExportDataEntry) error {
	dir, err := openVMDir(path)
	if err != nil {
		return err
	}
	defer dir.close()
	if err := dir.compare(entries); err != nil {
		return err
	}
	file, err := dir.create(exportDataName)
	if err != nil {
		return err
	}
	return errors.Join(writeEntries(file, entries), file.Close())
}

// writeEntries writes a line ["key","value"] for each entry.
func writeEntries(out io.Writer, entries []*types.SwingStoreExportDataEntry) error {
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, entry := range entries {
		if err := encoder.Encode([2]string{entry.Key, entry.Value}); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// compare compares the kernel's export data with the entries. It reads at most
// as many bytes as the entries can take as JSON.
func (d *vmDir) compare(entries []*types.SwingStoreExportDataEntry) error {
	file, _, err := d.open(exportDataName)
	if err != nil {
		return err
	}
	defer file.Close()
	most := int64(0)
	chain := make(map[string]string, len(entries))
	for _, entry := range entries {
		chain[entry.Key] = entry.Value
		most += int64(len(`["",""]`+"\r\n") + 6*(len(entry.Key)+len(entry.Value)))
	}
	// Read enough to name one more entry, instead of cutting it off.
	decoder := json.NewDecoder(bufio.NewReader(io.LimitReader(file, most+maxNamed)))
	for {
		var entry [2]string
		if err := decoder.Decode(&entry); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("%s: %w", exportDataName, err)
		}
		if value, found := chain[entry[0]]; !found || value != entry[1] {
			return fmt.Errorf("the kernel's store and the chain's differ in %q", entry[0])
		}
		delete(chain, entry[0])
	}
	for key := range chain {
		return fmt.Errorf("the kernel's store lacks %q, which the chain's has", key)
	}
	return nil
}
