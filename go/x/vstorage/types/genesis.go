package types

import "fmt"

// DefaultGenesisState returns an empty storage.
func DefaultGenesisState() *GenesisState {
	return &GenesisState{Data: []*DataEntry{}}
}

// Validate returns an error unless every entry is valid and every path occurs
// once.
func (gs *GenesisState) Validate() error {
	seen := make(map[string]bool, len(gs.Data))
	for i, entry := range gs.Data {
		if entry == nil {
			return fmt.Errorf("%s: data[%d] is null", ModuleName, i)
		}
		if err := NewEntry(entry.Path, entry.Value).Validate(); err != nil {
			return fmt.Errorf("%s: data[%d]: %w", ModuleName, i, err)
		}
		if seen[entry.Path] {
			return fmt.Errorf("%s: data[%d]: path %q occurs twice", ModuleName, i, entry.Path)
		}
		seen[entry.Path] = true
	}
	return nil
}
