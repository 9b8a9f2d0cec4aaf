package types

import (
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/kernelstore"
)

// DefaultGenesisState returns the default parameters. The kernel boots anew.
func DefaultGenesisState() *GenesisState {
	return &GenesisState{
		Params:               DefaultParams(),
		SwingStoreExportData: []*SwingStoreExportDataEntry{},
		KernelStore:          []*KernelStoreEntry{},
	}
}

// Validate returns a one-line error if the state is invalid.
func (gs *GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
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
	return nil
}
