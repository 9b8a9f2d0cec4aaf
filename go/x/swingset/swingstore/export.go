// Package swingstore moves the kernel's own store, the swing-store, in and out
// as files: a manifest, the export data, and the artifacts that the export
// data vouch for. The format is the kernel's (cosmic-swingset's
// src/export-kernel-db.js); the chain's store holds the export data too, and is
// the one that the app hash covers.
package swingstore

import (
	"context"
	"encoding/json"
	"os"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Mode is how much of the kernel's history an export takes along.
type Mode string

const (
	// ModeOperational is what a node needs to go on.
	ModeOperational Mode = "operational"
	// ModeReplay adds what it takes to replay each vat's current incarnation.
	ModeReplay Mode = "replay"
	// ModeArchival adds the transcripts of former incarnations.
	ModeArchival Mode = "archival"
	// ModeDebug takes whatever is there, complete or not.
	ModeDebug Mode = "debug"
)

// Kernel makes upcalls beside block actions; *vm.Controller is one.
type Kernel interface {
	Upcall(ctx context.Context, method string, param any) (json.RawMessage, error)
}

var _ Kernel = (*vm.Controller)(nil)

// request is the kernel's action SWING_STORE_EXPORT.
type request struct {
	Request     string    `json:"request"`
	BlockHeight int64     `json:"blockHeight,omitempty"`
	Args        []options `json:"args,omitempty"`
}

// restoreRequest is a request whose height may be 0.
type restoreRequest struct {
	Request     string    `json:"request"`
	BlockHeight int64     `json:"blockHeight"`
	Args        []options `json:"args"`
}

type options struct {
	ArtifactMode   Mode   `json:"artifactMode"`
	ExportDataMode string `json:"exportDataMode"`
	ExportDir      string `json:"exportDir,omitempty"` // of restore, absolute
}

// Wanted is what Export makes.
type Wanted struct {
	// Height is that of the kernel's store, which must stay there until the
	// export has begun.
	Height int64
	Mode   Mode
	// Temp is the VM's TMPDIR, absolute, in which the kernel makes the export;
	// Into what it becomes, on the same file system, where nothing is yet.
	Temp, Into string
}

// Export lets the kernel write its store into a new directory, and moves that,
// which is the caller's from then on, whatever Export returns. It holds what the
// manifest says, and nothing else. One export at a time. When ctx is done, or
// the export fails, it is discarded; discard bounds that. A
// *bridge.ProtocolError says what the VM did that no VM may.
func Export(ctx, discard context.Context, kernel Kernel, wanted Wanted) (Manifest, error) {
	dir, err := export(ctx, kernel, wanted)
	if err != nil {
		// The export's own failure is the one to tell.
		_ = drop(discard, kernel, wanted.Height)
		return Manifest{}, err
	}
	if err := os.Rename(dir, wanted.Into); err != nil {
		return Manifest{}, blame(err, "expected a directory at %q", dir)
	}
	made, err := openVMDir(wanted.Into)
	if err != nil {
		return Manifest{}, err
	}
	defer made.close()
	manifest, err := made.manifest(wanted.Height)
	if err != nil {
		return manifest, err
	}
	return manifest, made.checkFiles(manifest)
}

func export(ctx context.Context, kernel Kernel, wanted Wanted) (dir string, err error) {
	if err := initiate(ctx, kernel, wanted.Height, options{ArtifactMode: wanted.Mode, ExportDataMode: "all"}); err != nil {
		return "", err
	}
	return retrieve(ctx, kernel, wanted.Height, wanted.Temp)
}

// initiate returns when the export has begun: the kernel's store may go on.
func initiate(ctx context.Context, kernel Kernel, height int64, wanted options) error {
	_, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{
		Request: "initiate", BlockHeight: height, Args: []options{wanted},
	})
	return err
}

// retrieve returns when the export is complete, with the path of its directory
// in temp; what is there is not looked at.
func retrieve(ctx context.Context, kernel Kernel, height int64, temp string) (string, error) {
	answer, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{Request: "retrieve", BlockHeight: height})
	if err != nil {
		return "", err
	}
	var dir *string
	if err := json.Unmarshal(answer, &dir); err != nil || dir == nil {
		return "", fault("expected the path of a directory, got %s", named(string(answer)))
	}
	return childOf(temp, *dir)
}

// drop discards an export that was not retrieved; there need not be one.
func drop(ctx context.Context, kernel Kernel, height int64) error {
	_, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{Request: "discard", BlockHeight: height})
	return err
}
