package swingstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	snapshottypes "github.com/cosmos/cosmos-sdk/store/v2/snapshots/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// snapshotFormat is Agoric's format of the extension. Each payload is one
// types.SwingStoreArtifact, in the order of the kernel's export. The export
// data are not included: they are in the chain's store.
const snapshotFormat = 1

// Dirs are the directories for moving the kernel's store, all absolute. State,
// Work and Received are on one file system.
type Dirs struct {
	// State is the directory of the kernel's store.
	State string
	// Temp is the VM's TMPDIR, in which the kernel makes its exports.
	Temp string
	// Work and Received are beside State. They exist only during a restore.
	Work, Received string
}

// Snapshotter adds the kernel's store to the chain's snapshots, and restores it
// from them. It owns the export that it has begun, at most one, until that is
// written to a snapshot or discarded.
//
// Begin, Discard and SnapshotExtension are safe for concurrent use; each
// returns at the latest when the bridge closes. RestoreExtension is for a
// kernel that has not been started.
type Snapshotter struct {
	kernel Upcaller
	dirs   Dirs
	// exportData returns the export data of the restored chain store.
	exportData func(height int64) ([]*types.SwingStoreExportDataEntry, error)

	mu sync.Mutex
	// begun is the height of the kernel's export that was not retrieved yet; 0:
	// none.
	begun int64
	// ctx is the context of the export.
	ctx context.Context
}

var _ snapshottypes.ExtensionSnapshotter = (*Snapshotter)(nil)

// NewSnapshotter returns a snapshotter of kernel. The caller keeps ownership of
// kernel.
func NewSnapshotter(kernel Upcaller, dirs Dirs, exportData func(height int64) ([]*types.SwingStoreExportDataEntry, error)) *Snapshotter {
	return &Snapshotter{kernel: kernel, dirs: dirs, exportData: exportData}
}

// Begin makes the kernel begin the export for the snapshot of a height, and
// returns when it has begun. Until then the kernel's store must stay at this
// height. If ctx is done, the export has failed for the snapshot and must be
// discarded.
func (s *Snapshotter) Begin(ctx context.Context, height int64) error {
	s.mu.Lock()
	if s.begun != 0 {
		defer s.mu.Unlock()
		return fmt.Errorf("the kernel's store is still being exported for the snapshot of height %d", s.begun)
	}
	s.begun, s.ctx = height, ctx
	s.mu.Unlock()
	err := initiate(ctx, s.kernel, height, options{ArtifactMode: ModeOperational, ExportDataMode: "skip"})
	if err != nil {
		err = errors.Join(err, s.Discard())
	}
	return err
}

// Discard discards the export that Begin has begun and no snapshot has taken,
// if any. The kernel responds when its exporter has exited.
func (s *Snapshotter) Discard() error {
	height := s.forget()
	if height == 0 {
		return nil
	}
	return drop(context.Background(), s.kernel, height)
}

// forget returns the height of the begun export and clears it.
func (s *Snapshotter) forget() (height int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	height, s.begun = s.begun, 0
	return height
}

// SnapshotName implements snapshottypes.ExtensionSnapshotter.
func (s *Snapshotter) SnapshotName() string { return types.ModuleName }

// SnapshotFormat implements snapshottypes.ExtensionSnapshotter.
func (s *Snapshotter) SnapshotFormat() uint32 { return snapshotFormat }

// SupportedFormats implements snapshottypes.ExtensionSnapshotter.
func (s *Snapshotter) SupportedFormats() []uint32 { return []uint32{snapshotFormat} }

// SnapshotExtension waits until the export that Begin has begun for this height
// is complete, and writes it.
func (s *Snapshotter) SnapshotExtension(height uint64, write snapshottypes.ExtensionPayloadWriter) (err error) {
	s.mu.Lock()
	begun, ctx := s.begun, s.ctx
	s.mu.Unlock()
	if begun == 0 || uint64(begun) != height {
		return fmt.Errorf("no export of the kernel's store was begun at height %d: only a running node makes snapshots, at the heights of state-sync.snapshot-interval", height)
	}
	path, err := retrieve(ctx, s.kernel, begun, s.dirs.Temp)
	if err != nil {
		return fmt.Errorf("the kernel's store: %w", err)
	}
	s.forget()
	defer func() { err = errors.Join(err, os.RemoveAll(path)) }()
	dir, err := openVMDir(path)
	if err != nil {
		return err
	}
	defer dir.close()
	manifest, err := dir.manifest(begun)
	if err != nil {
		return err
	}
	for _, artifact := range manifest.Artifacts {
		if err := ctx.Err(); err != nil {
			return err
		}
		payload, err := dir.payload(artifact)
		if err != nil {
			return err
		}
		if err := write(payload); err != nil {
			return fmt.Errorf("artifact %s: %w", named(artifact[0]), err)
		}
	}
	return nil
}

// maxArtifactBytes bounds an artifact of a snapshot. The SDK refuses to read
// items of 64e6 bytes or more.
const maxArtifactBytes = 63_999_000

// payload returns an artifact as a snapshot contains it. Its name has at most
// maxNameBytes bytes.
func (d *vmDir) payload(artifact [2]string) ([]byte, error) {
	name := named(artifact[0])
	if len(artifact[0]) > maxNameBytes {
		return nil, fault("%s: artifact %s: expected a name of at most %d bytes (maxNameBytes)", manifestName, name, maxNameBytes)
	}
	file, size, err := d.open(artifact[1])
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if size > maxArtifactBytes {
		return nil, fmt.Errorf("artifact %s has %d bytes: a snapshot takes at most %d (maxArtifactBytes)", name, size, maxArtifactBytes)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, fault("artifact %s became shorter: %v", name, err)
	}
	return (&types.SwingStoreArtifact{Name: artifact[0], Data: data}).Marshal()
}

// maxNameBytes bounds the name of an artifact, such as
// snapshot.v1.4711.0123456789….
const maxNameBytes = 512

// RestoreExtension makes the kernel replace its store by a snapshot's. The
// snapshot comes from other nodes: the kernel checks it against the export data
// of the chain's store, which the light client has verified.
func (s *Snapshotter) RestoreExtension(height uint64, format uint32, read snapshottypes.ExtensionPayloadReader) (err error) {
	if format != snapshotFormat {
		return fmt.Errorf("%w: %d", snapshottypes.ErrUnknownFormat, format)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dirs.Received)) }()
	if err := errors.Join(os.RemoveAll(s.dirs.Received), os.MkdirAll(s.dirs.Received, 0o755)); err != nil {
		return err
	}
	if err := receive(s.dirs.Received, int64(height), read); err != nil {
		return err
	}
	data, err := s.exportData(int64(height))
	if err != nil {
		return err
	}
	return Restore(context.Background(), s.kernel, Restoration{
		Dir: s.dirs.Received, Data: data, Height: int64(height),
		State: s.dirs.State, Work: s.dirs.Work,
	})
}

// receive makes dir an export of the artifacts that read returns, without
// export data.
func receive(dir string, height int64, read snapshottypes.ExtensionPayloadReader) error {
	manifest := Manifest{BlockHeight: height, ArtifactMode: ModeOperational}
	for {
		payload, err := read()
		if errors.Is(err, io.EOF) {
			return WriteManifest(dir, manifest)
		}
		if err != nil {
			return err
		}
		var artifact types.SwingStoreArtifact
		if err := artifact.Unmarshal(payload); err != nil {
			return fmt.Errorf("artifact %d: %w", len(manifest.Artifacts), err)
		}
		file := "artifact-" + strconv.Itoa(len(manifest.Artifacts))
		if err := os.WriteFile(filepath.Join(dir, file), artifact.Data, 0o644); err != nil {
			return err
		}
		manifest.Artifacts = append(manifest.Artifacts, [2]string{artifact.Name, file})
	}
}
