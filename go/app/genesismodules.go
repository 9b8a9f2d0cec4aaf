package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// CheckModules returns an error if a genesis has the state of a module that
// this build lacks. The SDK would ignore it, and coins or rights with it.
func CheckModules(appState json.RawMessage) error {
	genesis, err := modulesOf(appState)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(genesis)) {
		if !slices.Contains(genesisOrder, name) && !isEmptyState(genesis[name]) {
			return fmt.Errorf("genesis app_state.%s: this build has no such module: run a release that has it, or remove its state from the genesis", name)
		}
	}
	return nil
}

// isEmptyState reports whether a module's state is null or {}.
func isEmptyState(state json.RawMessage) bool {
	text := strings.Join(strings.Fields(string(state)), "")
	return text == "" || text == "null" || text == "{}"
}

// completeModules gives the default state to modules that a genesis lacks, such
// as one that an earlier release exported.
func (app *App) completeModules(genesis map[string]json.RawMessage) {
	for name, state := range app.DefaultGenesis() {
		if isEmptyState(genesis[name]) && !isEmptyState(state) {
			genesis[name] = state
		}
	}
}
