package types

import (
	"bytes"
	"encoding/json"
	"fmt"

	host "github.com/cosmos/ibc-go/v11/modules/core/24-host"
)

// GenesisState is the module's state.
type GenesisState struct {
	// Ports are the ports that the kernel has bound, in order.
	Ports []string `json:"ports"`
}

// ParseGenesis reads a genesis. It refuses members that the state does not
// have.
func ParseGenesis(text json.RawMessage) (GenesisState, error) {
	state := GenesisState{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&state); err != nil {
		return state, fmt.Errorf("%s: %w", ModuleName, err)
	}
	seen := map[string]bool{}
	for i, port := range state.Ports {
		if err := host.PortIdentifierValidator(port); err != nil {
			return state, fmt.Errorf("%s: ports[%d]: %w", ModuleName, i, err)
		}
		if seen[port] {
			return state, fmt.Errorf("%s: ports[%d]: %q occurs twice", ModuleName, i, port)
		}
		seen[port] = true
	}
	return state, nil
}
