// Package swingstore exports and imports the kernel's own store, the
// swing-store, as files: a manifest, the export data, and the artifacts that
// the export data authenticate. The format is the kernel's (cosmic-swingset's
// src/export-kernel-db.js). The chain's store holds the export data too,
// covered by the app hash.
package swingstore

import (
	"context"
	"encoding/json"
	"os"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Mode is how much of the kernel's history an export includes.
type Mode string

const (
	// ModeOperational is the minimum for a node to continue.
	ModeOperational Mode = "operational"
	// ModeReplay adds the data to replay each vat's current incarnation.
	ModeReplay Mode = "replay"
	// ModeArchival adds the transcripts of former incarnations.
	ModeArchival Mode = "archival"
	// ModeDebug includes everything present, complete or not.
	ModeDebug Mode = "debug"
)

// Upcaller makes upcalls outside block actions; *vm.Controller is one.
type Upcaller interface {
	Upcall(ctx context.Context, method string, param any) (json.RawMessage, error)
}

var _ Upcaller = (*vm.Controller)(nil)

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

// Wanted describes the export to make.
type Wanted struct {
	// Height is the height of the kernel's store, which must not change until
	// the export has begun.
	Height int64
	Mode   Mode
	// Temp is the VM's TMPDIR, absolute, in which the kernel makes the export.
	// Into is the export's final path, which must not exist, on the same file
	// system.
	Temp, Into string
}

// Export makes the kernel write its store into a new directory, and moves that
// directory. The caller owns the result from then on, even if Export returns an error.
// The directory holds exactly what the manifest lists. One export at a time. If
// ctx is done or the export fails, the export is discarded; discard bounds
// that. A *bridge.ProtocolError names the VM's violation.
func Export(ctx, discard context.Context, kernel Upcaller, wanted Wanted) (Manifest, error) {
	dir, err := export(ctx, kernel, wanted)
	if err != nil {
		// Report the export's own failure.
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

func export(ctx context.Context, kernel Upcaller, wanted Wanted) (dir string, err error) {
	if err := initiate(ctx, kernel, wanted.Height, options{ArtifactMode: wanted.Mode, ExportDataMode: "all"}); err != nil {
		return "", err
	}
	return retrieve(ctx, kernel, wanted.Height, wanted.Temp)
}

// initiate returns when the export has begun: the kernel's store may then
// change.
func initiate(ctx context.Context, kernel Upcaller, height int64, wanted options) error {
	_, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{
		Request: "initiate", BlockHeight: height, Args: []options{wanted},
	})
	return err
}

// retrieve returns when the export is complete, with the path of its directory
// in temp. It does not check the content.
func retrieve(ctx context.Context, kernel Upcaller, height int64, temp string) (string, error) {
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

// drop discards an export that was not retrieved, if there is one.
func drop(ctx context.Context, kernel Upcaller, height int64) error {
	_, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{Request: "discard", BlockHeight: height})
	return err
}
