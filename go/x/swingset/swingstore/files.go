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

// Manifest is what an export's directory holds.
type Manifest struct {
	BlockHeight  int64       `json:"blockHeight"`
	ArtifactMode Mode        `json:"artifactMode,omitempty"`
	Data         string      `json:"data,omitempty"` // empty: without export data
	Artifacts    [][2]string `json:"artifacts"`      // name, file
}

// ReadManifest reads the manifest of an export and looks for the files that it
// names.
func ReadManifest(dir string) (Manifest, error) {
	var manifest Manifest
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return manifest, err
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return manifest, fmt.Errorf("%s: %w", manifestName, err)
	}
	if manifest.Data != "" && manifest.Data != exportDataName {
		return manifest, fmt.Errorf("%s: data: expected %q, got %q", manifestName, exportDataName, manifest.Data)
	}
	if len(manifest.Artifacts) == 0 {
		return manifest, fmt.Errorf("%s: no artifacts", manifestName)
	}
	for _, artifact := range manifest.Artifacts {
		file := artifact[1]
		if file != filepath.Base(file) {
			return manifest, fmt.Errorf("%s: artifact %q is not in the directory", manifestName, file)
		}
		info, err := os.Lstat(filepath.Join(dir, file))
		if err != nil {
			return manifest, err
		}
		if !info.Mode().IsRegular() {
			return manifest, fmt.Errorf("%s: artifact %q is no file", manifestName, file)
		}
	}
	return manifest, nil
}

// Hash returns the hash of the entries as a genesis holds it: that of the file
// that WriteExportData writes.
func Hash(entries []*types.SwingStoreExportDataEntry) string {
	hash := sha256.New()
	_ = writeEntries(hash, entries) // a hash takes everything
	return fmt.Sprintf("sha256:%x", hash.Sum(nil))
}

// WriteExportData makes entries, the chain's export data in key order, the
// export data of a directory. What the kernel wrote there must be the same,
// except for its order: otherwise the two stores are not of one height, or one
// of them is damaged.
func WriteExportData(dir string, entries []*types.SwingStoreExportDataEntry) error {
	path := filepath.Join(dir, exportDataName)
	if err := compare(path, entries); err != nil {
		return err
	}
	file, err := os.Create(path)
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

// compare compares the lines of a file with the entries.
func compare(path string, entries []*types.SwingStoreExportDataEntry) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	chain := make(map[string]string, len(entries))
	for _, entry := range entries {
		chain[entry.Key] = entry.Value
	}
	decoder := json.NewDecoder(bufio.NewReader(file))
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
