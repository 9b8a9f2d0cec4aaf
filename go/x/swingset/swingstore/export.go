// Package swingstore moves the kernel's own store, the swing-store, in and out
// as files: a manifest, the export data, and the artifacts that the export
// data vouch for. The format is the kernel's (cosmic-swingset's
// src/export-kernel-db.js); the chain's store holds the export data too, and is
// the one that the app hash covers.
package swingstore

import (
	"context"
	"encoding/json"
	"fmt"

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

// Export lets the kernel write its store as of height into a new directory
// below the VM's TMPDIR, and returns that directory, which is then the
// caller's. The kernel's store must be at this height, and stay there until the
// export has begun. One export at a time. When ctx is done, or the export
// fails, it is discarded; discard bounds that.
func Export(ctx, discard context.Context, kernel Kernel, height int64, mode Mode) (dir string, err error) {
	defer func() {
		if err != nil {
			// The export's own failure is the one to tell.
			_ = drop(discard, kernel, height)
		}
	}()
	if err := initiate(ctx, kernel, height, options{ArtifactMode: mode, ExportDataMode: "all"}); err != nil {
		return "", err
	}
	return retrieve(ctx, kernel, height)
}

// initiate returns when the export has begun: the kernel's store may go on.
func initiate(ctx context.Context, kernel Kernel, height int64, wanted options) error {
	_, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{
		Request: "initiate", BlockHeight: height, Args: []options{wanted},
	})
	return err
}

// retrieve returns when the export is complete, with its directory.
func retrieve(ctx context.Context, kernel Kernel, height int64) (dir string, err error) {
	answer, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{Request: "retrieve", BlockHeight: height})
	if err != nil {
		return "", err
	}
	if err = json.Unmarshal(answer, &dir); err == nil && dir == "" {
		err = fmt.Errorf("%s: the kernel names no directory", vm.MethodSwingStoreExport)
	}
	return dir, err
}

// drop discards an export that was not retrieved; there need not be one.
func drop(ctx context.Context, kernel Kernel, height int64) error {
	_, err := kernel.Upcall(ctx, vm.MethodSwingStoreExport, request{Request: "discard", BlockHeight: height})
	return err
}
