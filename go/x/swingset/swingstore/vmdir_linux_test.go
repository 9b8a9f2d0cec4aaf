package swingstore

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// answering is a kernel that responds to retrieve with a path, once.
type answering struct{ retrieve func() any }

func (k answering) Upcall(_ context.Context, _ string, param any) (json.RawMessage, error) {
	if param.(request).Request != "retrieve" {
		return json.RawMessage("null"), nil
	}
	return json.Marshal(k.retrieve())
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hostile is an export in temp that no kernel would make, and the kernel's
// response.
type hostile struct {
	name string
	// make changes an export and returns the response.
	make func(t *testing.T, temp, export, outside string) any
	want string
}

func hostiles() []hostile {
	answer := func(of func(temp, export, outside string) any) func(*testing.T, string, string, string) any {
		return func(_ *testing.T, temp, export, outside string) any { return of(temp, export, outside) }
	}
	// put replaces the export's first artifact.
	put := func(put func(artifact, outside string) error) func(*testing.T, string, string, string) any {
		return func(t *testing.T, _, export, outside string) any {
			artifact := filepath.Join(export, "b1")
			check(t, os.Remove(artifact))
			check(t, put(artifact, outside))
			return export
		}
	}
	manifest := func(text string) func(*testing.T, string, string, string) any {
		return func(t *testing.T, _, export, _ string) any {
			write(t, export, manifestName, text)
			return export
		}
	}
	const notInTemp, notADirectory = "expected a directory in", "expected a directory at"
	return []hostile{
		{"a directory outside", answer(func(_, _, outside string) any { return outside }), notInTemp},
		{"a way out", answer(func(temp, _, _ string) any { return temp + "/../outside" }), notInTemp},
		{"a way out and in", answer(func(temp, export, _ string) any { return temp + "/../temp/" + filepath.Base(export) }), notInTemp},
		{"dots", answer(func(temp, _, _ string) any { return temp + "/.." }), notInTemp},
		{"a dot", answer(func(temp, _, _ string) any { return temp + "/." }), notInTemp},
		{"the directory itself", answer(func(temp, _, _ string) any { return temp }), notInTemp},
		{"the directory itself, with a slash", answer(func(temp, _, _ string) any { return temp + "/" }), notInTemp},
		{"a grandchild", answer(func(_, export, _ string) any { return export + "/b1" }), notInTemp},
		{"a relative path", answer(func(_, export, _ string) any { return filepath.Base(export) }), notInTemp},
		{"the root", answer(func(_, _, _ string) any { return "/" }), notInTemp},
		{"nothing", answer(func(_, _, _ string) any { return "" }), notInTemp},
		{"a long path", answer(func(_, _, _ string) any { return "/" + strings.Repeat("x", 1<<20) }), notInTemp},
		{"no path", answer(func(_, _, _ string) any { return 7 }), "expected the path of a directory, got \"7\""},
		{"null", answer(func(_, _, _ string) any { return nil }), "expected the path of a directory, got \"null\""},
		{"what is not there", answer(func(temp, _, _ string) any { return temp + "/none" }), notADirectory},
		{"a link to a directory", func(t *testing.T, temp, _, outside string) any {
			check(t, os.Symlink(outside, temp+"/link"))
			return temp + "/link"
		}, notADirectory},
		{"a file", func(t *testing.T, temp, _, _ string) any {
			write(t, temp, "file", "")
			return temp + "/file"
		}, notADirectory},
		{"a pipe", func(t *testing.T, temp, _, _ string) any {
			check(t, syscall.Mkfifo(temp+"/pipe", 0o600))
			return temp + "/pipe"
		}, notADirectory},
		{"an artifact that is a link", put(func(artifact, outside string) error {
			return os.Symlink(filepath.Join(outside, "kept"), artifact)
		}), `expected a file "b1" in`},
		{"an artifact that is a second name", put(func(artifact, outside string) error {
			return os.Link(filepath.Join(outside, "kept"), artifact)
		}), `expected a file "b1" with one name in`},
		{"an artifact that is a pipe", put(func(artifact, _ string) error {
			return syscall.Mkfifo(artifact, 0o600)
		}), `expected a regular file "b1" in`},
		{"an artifact that is a directory", put(func(artifact, _ string) error {
			return os.Mkdir(artifact, 0o700)
		}), `expected a regular file "b1" in`},
		{"an artifact that is not there", put(func(string, string) error { return nil }), `expected a file "b1" in`},
		{"no manifest", func(t *testing.T, _, export, _ string) any {
			check(t, os.Remove(filepath.Join(export, manifestName)))
			return export
		}, `expected a file "export-manifest.json" in`},
		{"a manifest that is a link", func(t *testing.T, _, export, outside string) any {
			check(t, os.Rename(filepath.Join(export, manifestName), filepath.Join(outside, manifestName)))
			check(t, os.Symlink(filepath.Join(outside, manifestName), filepath.Join(export, manifestName)))
			return export
		}, `expected a file "export-manifest.json" in`},
		{"a manifest without an end", func(t *testing.T, _, export, _ string) any {
			check(t, os.Truncate(filepath.Join(export, manifestName), 1<<40))
			return export
		}, "expected at most 33554432 bytes (maxManifestBytes)"},
		{"a file outside", manifest(`{"blockHeight":7,"data":"export-data.jsonl","artifacts":[["a","../outside/kept"]]}`), `artifact "../outside/kept" is not in the directory`},
		{"export data outside", manifest(`{"blockHeight":7,"data":"../outside/kept","artifacts":[["a","b1"]]}`), `expected "export-data.jsonl", got "../outside/kept"`},
		{"another height", manifest(`{"blockHeight":8,"data":"export-data.jsonl","artifacts":[["a","b1"],["b","b2"]]}`), "expected block 7, got 8"},
	}
}

// temps returns the VM's directory, an export in it, and a directory beside it.
func temps(t *testing.T) (temp, export, outside string) {
	t.Helper()
	root := t.TempDir()
	temp, outside = filepath.Join(root, "temp"), filepath.Join(root, "outside")
	export = filepath.Join(temp, "export")
	for _, dir := range []string{temp, outside, export} {
		check(t, os.Mkdir(dir, 0o700))
	}
	write(t, outside, "kept", "kept")
	fillExport(t, export)
	return temp, export, outside
}

func requireFault(t *testing.T, err error, want, outside string) {
	t.Helper()
	var protocol *bridge.ProtocolError
	if !errors.As(err, &protocol) || !strings.HasPrefix(protocol.Message, "from agvm: swingset.SwingStoreExport: ") || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want a protocol error with %q", err, want)
	}
	if err != nil && len(err.Error()) > 1000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
	if text, err := os.ReadFile(filepath.Join(outside, "kept")); err != nil || string(text) != "kept" {
		t.Errorf("outside: got %q, %v", text, err)
	}
}

func TestASnapshotTouchesOnlyWhatTheVMMadeInItsDirectory(t *testing.T) {
	for _, test := range hostiles() {
		t.Run(test.name, func(t *testing.T) {
			temp, export, outside := temps(t)
			maker := NewSnapshotter(answering{func() any { return test.make(t, temp, export, outside) }}, Dirs{Temp: temp}, nil)
			check(t, maker.Begin(t.Context(), 7))
			err := maker.SnapshotExtension(7, func([]byte) error { return nil })
			requireFault(t, err, test.want, outside)
		})
	}
}

func TestAnExportTouchesOnlyWhatTheVMMadeInItsDirectory(t *testing.T) {
	more := []hostile{
		{"a file too many", func(t *testing.T, _, export, _ string) any {
			write(t, export, "more", "")
			return export
		}, `expected the files of the manifest alone, got "more"`},
		{"a link too many", func(t *testing.T, _, export, outside string) any {
			check(t, os.Symlink(outside, filepath.Join(export, "more")))
			return export
		}, `expected the files of the manifest alone, got "more"`},
		{"export data that are a link", func(t *testing.T, _, export, outside string) any {
			check(t, os.Remove(filepath.Join(export, exportDataName)))
			check(t, os.Symlink(filepath.Join(outside, "kept"), filepath.Join(export, exportDataName)))
			return export
		}, `expected a file "export-data.jsonl" in`},
		{"a file twice", func(t *testing.T, _, export, _ string) any {
			write(t, export, manifestName, `{"blockHeight":7,"data":"export-data.jsonl","artifacts":[["a","b1"],["b","b1"]]}`)
			return export
		}, `expected each file once, got "b1" again`},
		{"no export data", func(t *testing.T, _, export, _ string) any {
			write(t, export, manifestName, `{"blockHeight":7,"artifacts":[["a","b1"]]}`)
			return export
		}, "expected export data"},
	}
	for _, test := range append(hostiles(), more...) {
		t.Run(test.name, func(t *testing.T) {
			temp, export, outside := temps(t)
			kernel := answering{func() any { return test.make(t, temp, export, outside) }}
			into := filepath.Join(filepath.Dir(temp), "into")
			_, err := Export(t.Context(), t.Context(), kernel, Wanted{Height: 7, Mode: ModeOperational, Temp: temp, Into: into})
			requireFault(t, err, test.want, outside)
		})
	}
}

func TestAnExportIsMoved(t *testing.T) {
	temp, export, _ := temps(t)
	// TMPDIR may be a link, which the kernel resolves.
	link := filepath.Join(t.TempDir(), "link")
	check(t, os.Symlink(temp, link))
	into := filepath.Join(filepath.Dir(temp), "into")
	kernel := answering{func() any { return export }}
	manifest, err := Export(t.Context(), t.Context(), kernel, Wanted{Height: 7, Mode: ModeOperational, Temp: link, Into: into})
	check(t, err)
	if len(manifest.Artifacts) != 2 {
		t.Errorf("got %+v", manifest)
	}
	check(t, WriteExportData(into, entries("kv.a", "1")))
	text, err := os.ReadFile(filepath.Join(into, exportDataName))
	if err != nil || string(text) != "[\"kv.a\",\"1\"]\n" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := os.Lstat(export); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestWhatTheVMMakesWithoutEndIsNotRead(t *testing.T) {
	temp, export, _ := temps(t)
	check(t, os.Truncate(filepath.Join(export, "b2"), 1<<40)) // sparse
	maker := NewSnapshotter(answering{func() any { return export }}, Dirs{Temp: temp}, nil)
	check(t, maker.Begin(t.Context(), 7))
	err := maker.SnapshotExtension(7, func([]byte) error { return nil })
	const want = `artifact "bundle.b2" has 1099511627776 bytes: a snapshot takes at most 63999000 (maxArtifactBytes)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Lstat(export); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the export is left: %v", err)
	}

	temp, export, _ = temps(t)
	into := filepath.Join(filepath.Dir(temp), "into")
	check(t, os.Truncate(filepath.Join(export, exportDataName), 1<<40))
	_, err = Export(t.Context(), t.Context(), answering{func() any { return export }}, Wanted{Height: 7, Mode: ModeOperational, Temp: temp, Into: into})
	check(t, err)
	if err := WriteExportData(into, entries("kv.a", "1")); err == nil || !strings.Contains(err.Error(), exportDataName) {
		t.Errorf("got %v", err)
	}
}
