package swingstore

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

const someManifest = `{"blockHeight":7,"artifactMode":"operational","data":"export-data.jsonl","artifacts":[["bundle.b1","b1"]]}`

func TestAGenesisTakesTheExportDataThatItHasTheHashOf(t *testing.T) {
	data := entries("kv.b", "<&>", "kv.a", "1")
	for _, test := range []struct{ name, data, want string }{
		{"whole", "[\"kv.b\",\"<&>\"]\n[\"kv.a\",\"1\"]\n", ""},
		{"another value", "[\"kv.b\",\"<&>\"]\n[\"kv.a\",\"2\"]\n", "is not of this genesis: its hash is sha256:"},
		{"another order", "[\"kv.a\",\"1\"]\n[\"kv.b\",\"<&>\"]\n", "is not of this genesis"},
		{"no value", "[\"kv.b\"]\n", "entry 0: expected a key and a value"},
		{"null", "[\"kv.b\",\"<&>\"]\n[\"kv.a\",null]\n", "entry 1: expected a key and a value"},
		{"cut off", "[\"kv.b\",\"<&>\"]\n[\"kv", "entry 1: unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "b1", "artifact")
			write(t, dir, manifestName, someManifest)
			write(t, dir, exportDataName, test.data)
			genesis := types.DefaultGenesisState()
			genesis.SwingStoreExportDataHash = Hash(data)
			restore, err := Complete(genesis, dir)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got %v, want %q", err, test.want)
				}
				return
			}
			if err != nil || !restore || len(genesis.SwingStoreExportData) != 2 || genesis.SwingStoreExportDataHash != "" {
				t.Fatalf("got %v, %v, %v", restore, err, genesis)
			}
		})
	}
	genesis := types.DefaultGenesisState()
	if restore, err := Complete(genesis, "/nowhere"); restore || err != nil {
		t.Fatalf("a genesis without a kernel's state: got %v, %v", restore, err)
	}
	genesis.SwingStoreExportData = data
	if _, err := Complete(genesis, "/nowhere"); err == nil || !strings.Contains(err.Error(), "the genesis needs the kernel's store, exported, in /nowhere") {
		t.Fatalf("got %v", err)
	}
}

// restorer is a kernel that reads the export it restores from.
type restorer struct {
	read func(request restoreRequest) error
}

func (r restorer) Upcall(_ context.Context, _ string, param any) (json.RawMessage, error) {
	return json.RawMessage("null"), r.read(param.(restoreRequest))
}

func TestTheKernelIsGivenTheChainsDataAndHeight(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	state := filepath.Join(data, "agoric")
	if err := os.Mkdir(state, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "b1", "artifact")
	write(t, dir, manifestName, someManifest)
	restoration := Restoration{Dir: dir, Data: entries("kv.a", "1"), Height: 0, State: state, Work: filepath.Join(data, "work")}
	failure := errors.New("bad artifact")
	for _, want := range []error{nil, failure} {
		write(t, state, "half", "")
		err := Restore(context.Background(), restorer{func(request restoreRequest) error {
			if request.Request != "restore" || request.Args[0].ExportDir != restoration.Work {
				t.Errorf("got %+v", request)
			}
			manifest, err := readManifestAt(t, restoration.Work)
			if err != nil || manifest.BlockHeight != 0 || manifest.Data != exportDataName {
				t.Errorf("got %+v, %v", manifest, err)
			}
			artifact, err := os.ReadFile(filepath.Join(restoration.Work, manifest.Artifacts[0][1]))
			if err != nil || string(artifact) != "artifact" {
				t.Errorf("got %q, %v", artifact, err)
			}
			return want
		}}, restoration)
		if !errors.Is(err, want) {
			t.Fatalf("got %v, want %v", err, want)
		}
		if _, err := os.Stat(restoration.Work); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%s is left: %v", restoration.Work, err)
		}
		if _, err := os.Stat(filepath.Join(state, "half")); errors.Is(err, os.ErrNotExist) != (want != nil) {
			t.Fatalf("after %v: %v", want, err)
		}
	}
}

// readManifestAt reads a manifest whose artifacts are links.
func readManifestAt(t *testing.T, dir string) (manifest Manifest, err error) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return manifest, err
	}
	return manifest, json.Unmarshal(text, &manifest)
}
