package types

import (
	"fmt"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/kernelstore"
)

// DefaultGenesisState returns the default parameters. The kernel boots anew.
func DefaultGenesisState() *GenesisState {
	return &GenesisState{
		Params:               DefaultParams(),
		SwingStoreExportData: []*SwingStoreExportDataEntry{},
		KernelStore:          []*KernelStoreEntry{},
		PendingInstallations: []*PendingInstallation{},
	}
}

// Validate returns a one-line error if the state is invalid.
func (gs *GenesisState) Validate() error {
	if err := gs.Params.Completed().Validate(); err != nil {
		return fmt.Errorf("%s: params: %w", ModuleName, err)
	}
	if gs.SwingStoreExportDataHash != "" && len(gs.SwingStoreExportData) > 0 {
		return fmt.Errorf("%s: swingStoreExportData and swingStoreExportDataHash exclude each other", ModuleName)
	}
	seen := make(map[string]bool, len(gs.SwingStoreExportData))
	for i, entry := range gs.SwingStoreExportData {
		if entry == nil || entry.Key == "" {
			return fmt.Errorf("%s: swingStoreExportData[%d] has no key", ModuleName, i)
		}
		if seen[entry.Key] {
			return fmt.Errorf("%s: swingStoreExportData[%d]: key %q occurs twice", ModuleName, i, entry.Key)
		}
		seen[entry.Key] = true
	}
	if len(gs.KernelStore) > 0 && len(gs.SwingStoreExportData) == 0 && gs.SwingStoreExportDataHash == "" {
		return fmt.Errorf("%s: kernelStore belongs to a kernel whose state is restored, but there are neither swingStoreExportData nor their hash; remove kernelStore to boot the kernel anew", ModuleName)
	}
	seen = make(map[string]bool, len(gs.KernelStore))
	for i, entry := range gs.KernelStore {
		if entry == nil {
			return fmt.Errorf("%s: kernelStore[%d] is null", ModuleName, i)
		}
		if seen[entry.Key] {
			return fmt.Errorf("%s: kernelStore[%d]: key %q occurs twice", ModuleName, i, entry.Key)
		}
		if err := (kernelstore.Change{Key: entry.Key, Value: &entry.Value}).Validate(); err != nil {
			return fmt.Errorf("%s: kernelStore[%d]: %w", ModuleName, i, err)
		}
		seen[entry.Key] = true
	}
	return gs.validateInstallations()
}

// validateInstallations checks that the pending bundles are as the keeper
// leaves them.
func (gs *GenesisState) validateInstallations() error {
	last := uint64(0)
	for i, install := range gs.PendingInstallations {
		wrong := func(what string) error {
			return fmt.Errorf("%s: pendingInstallations[%d]: %s", ModuleName, i, what)
		}
		if install == nil || install.Message == nil || install.Message.ChunkedArtifact == nil {
			return wrong("it has no chunkedArtifact")
		}
		if install.ChunkedArtifactId <= last || install.ChunkedArtifactId > gs.State.NextChunkedArtifactId {
			return wrong("the ids must grow, up to state.next_chunked_artifact_id")
		}
		last = install.ChunkedArtifactId
		if err := install.Message.ValidateBasic(); err != nil {
			return wrong(err.Error())
		}
		infos := install.Message.ChunkedArtifact.Chunks
		if len(install.Chunks) != len(infos) {
			return wrong(fmt.Sprintf("%d chunks have %d data", len(infos), len(install.Chunks)))
		}
		for j, data := range install.Chunks {
			received := infos[j].State == ChunkState_CHUNK_STATE_RECEIVED
			if received && hashOf(data) != strings.ToLower(infos[j].Sha512) || !received && len(data) > 0 {
				return wrong(fmt.Sprintf("chunk %d: its data are not what its state and hash say", j))
			}
		}
	}
	return nil
}
