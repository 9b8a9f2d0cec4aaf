package swingstore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

func entries(pairs ...string) []*types.SwingStoreExportDataEntry {
	var list []*types.SwingStoreExportDataEntry
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, &types.SwingStoreExportDataEntry{Key: pairs[i], Value: pairs[i+1]})
	}
	return list
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestExportDataMustBeTheChains(t *testing.T) {
	chain := entries("kv.a", "<&>", "kv.b", "é\u2028")
	for _, test := range []struct{ name, kernel, want string }{
		{"in another order", "[\"kv.b\",\"é\u2028\"]\n[\"kv.a\",\"<&>\"]\n", ""},
		{"another value", "[\"kv.a\",\"<&>\"]\n[\"kv.b\",\"e\"]\n", `differ in "kv.b"`},
		{"an entry too many", "[\"kv.a\",\"<&>\"]\n[\"kv.b\",\"é\u2028\"]\n[\"kv.c\",\"\"]\n", `differ in "kv.c"`},
		{"an entry twice", "[\"kv.a\",\"<&>\"]\n[\"kv.a\",\"<&>\"]\n", `differ in "kv.a"`},
		{"an entry missing", "[\"kv.a\",\"<&>\"]\n", `lacks "kv.b"`},
		{"cut off", "[\"kv.a\",\"<&", "export-data.jsonl: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, exportDataName, test.kernel)
			err := WriteExportData(dir, chain)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got %v, want %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(dir, exportDataName))
			if err != nil {
				t.Fatal(err)
			}
			if want := "[\"kv.a\",\"<&>\"]\n[\"kv.b\",\"é\\u2028\"]\n"; string(text) != want {
				t.Fatalf("got %s, want %s", text, want)
			}
		})
	}
}

func TestManifestNamesFilesOfItsDirectory(t *testing.T) {
	for _, test := range []struct{ name, manifest, want string }{
		{"whole", `{"blockHeight":7,"data":"export-data.jsonl","artifacts":[["a","a"]]}`, ""},
		{"file missing", `{"data":"export-data.jsonl","artifacts":[["b","b"]]}`, "no such file"},
		{"file elsewhere", `{"data":"export-data.jsonl","artifacts":[["a","../a"]]}`, "not in the directory"},
		{"a directory", `{"data":"export-data.jsonl","artifacts":[["d","d"]]}`, "is no file"},
		{"no artifacts", `{"data":"export-data.jsonl","artifacts":[]}`, "no artifacts"},
		{"no data", `{"blockHeight":7,"artifacts":[["a","a"]]}`, ""},
		{"other data", `{"data":"a","artifacts":[["a","a"]]}`, "data: expected"},
		{"cut off", `{"art`, "export-manifest.json: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "a", "artifact")
			if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, dir, manifestName, test.manifest)
			manifest, err := ReadManifest(dir)
			if test.want == "" {
				if err != nil || manifest.BlockHeight != 7 {
					t.Fatalf("got %+v, %v", manifest, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
		})
	}
}
