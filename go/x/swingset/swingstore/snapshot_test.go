package swingstore

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	snapshottypes "github.com/cosmos/cosmos-sdk/store/v2/snapshots/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// exporter is a kernel with an export; it records requests.
type exporter struct {
	dir      string
	initiate error
	asked    []string
}

func (e *exporter) Upcall(ctx context.Context, _ string, param any) (json.RawMessage, error) {
	asked := param.(request).Request
	e.asked = append(e.asked, asked)
	if asked == "initiate" {
		return nil, e.initiate
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return json.Marshal(e.dir)
}

// newExport returns an export as the kernel makes it for a snapshot.
func newExport(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "export")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	fillExport(t, dir)
	return dir
}

func fillExport(t *testing.T, dir string) {
	t.Helper()
	write(t, dir, "b1", "artifact")
	write(t, dir, "b2", "")
	write(t, dir, exportDataName, `["kv.a","1"]`)
	write(t, dir, manifestName, `{"blockHeight":7,"data":"export-data.jsonl","artifacts":[["transcript.v1","b1"],["bundle.b2","b2"]]}`)
}

func TestASnapshotCarriesTheKernelsStore(t *testing.T) {
	kernel := &exporter{dir: newExport(t)}
	maker := NewSnapshotter(kernel, Dirs{Temp: filepath.Dir(kernel.dir)}, nil)
	if err := maker.Begin(context.Background(), 7); err != nil {
		t.Fatal(err)
	}
	if err := maker.Begin(context.Background(), 8); err == nil || !strings.Contains(err.Error(), "still being exported for the snapshot of height 7") {
		t.Fatalf("got %v", err)
	}
	var payloads [][]byte
	take := func(payload []byte) error {
		payloads = append(payloads, payload)
		return nil
	}
	if err := maker.SnapshotExtension(7, take); err != nil {
		t.Fatal(err)
	}
	if err := maker.SnapshotExtension(7, take); err == nil || !strings.Contains(err.Error(), "no export of the kernel's store was begun at height 7") {
		t.Fatalf("got %v", err)
	}
	if err := maker.Discard(); err != nil || !slices.Equal(kernel.asked, []string{"initiate", "retrieve"}) {
		t.Fatalf("got %v; asked %v", err, kernel.asked)
	}
	if _, err := os.Stat(kernel.dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the export is left: %v", err)
	}

	data := t.TempDir()
	dirs := Dirs{State: filepath.Join(data, "agoric"), Work: filepath.Join(data, "work"), Received: filepath.Join(data, "received")}
	taker := NewSnapshotter(restorer{func(request restoreRequest) error {
		manifest, err := readManifestAt(t, dirs.Work)
		if err != nil || request.BlockHeight != 7 || manifest.BlockHeight != 7 || manifest.Data != exportDataName {
			t.Errorf("got %+v, %+v, %v", request, manifest, err)
		}
		for i, want := range [][2]string{{"transcript.v1", "artifact"}, {"bundle.b2", ""}} {
			text, err := os.ReadFile(filepath.Join(dirs.Work, manifest.Artifacts[i][1]))
			if err != nil || manifest.Artifacts[i][0] != want[0] || string(text) != want[1] {
				t.Errorf("artifact %d: got %v, %q, %v", i, manifest.Artifacts[i], text, err)
			}
		}
		return nil
	}}, dirs, func(int64) ([]*types.SwingStoreExportDataEntry, error) { return entries("kv.a", "1"), nil })
	read := func() ([]byte, error) {
		if len(payloads) == 0 {
			return nil, io.EOF
		}
		first := payloads[0]
		payloads = payloads[1:]
		return first, nil
	}
	if err := taker.RestoreExtension(7, 2, read); !errors.Is(err, snapshottypes.ErrUnknownFormat) {
		t.Fatalf("got %v", err)
	}
	if err := taker.RestoreExtension(7, 1, read); err != nil {
		t.Fatal(err)
	}
	for _, payload := range [][]byte{nil, {0xff}} {
		payloads = nil
		if payload != nil {
			payloads = [][]byte{payload}
		}
		if err := taker.RestoreExtension(7, 1, read); err == nil || !strings.Contains(err.Error(), "artifact") {
			t.Fatalf("%v: got %v", payload, err)
		}
	}
	for _, dir := range []string{dirs.Work, dirs.Received} {
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%s is left: %v", dir, err)
		}
	}
}

func TestAnExportThatNoSnapshotTakesIsDiscarded(t *testing.T) {
	failing := &exporter{initiate: errors.New("no room")}
	snapshotter := NewSnapshotter(failing, Dirs{}, nil)
	if err := snapshotter.Begin(context.Background(), 7); !errors.Is(err, failing.initiate) {
		t.Fatalf("got %v", err)
	}
	stopped := &exporter{dir: newExport(t)}
	snapshotter = NewSnapshotter(stopped, Dirs{Temp: filepath.Dir(stopped.dir)}, nil)
	ctx, stop := context.WithCancel(context.Background())
	if err := snapshotter.Begin(ctx, 7); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := snapshotter.SnapshotExtension(7, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if err := snapshotter.Discard(); err != nil {
		t.Fatal(err)
	}
	for _, kernel := range []*exporter{failing, stopped} {
		if last := kernel.asked[len(kernel.asked)-1]; last != "discard" {
			t.Fatalf("asked %v", kernel.asked)
		}
	}
}
