package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
)

// foreignTypes are types of other chains' genesis files, with the reason why this
// build lacks them and what to do.
var foreignTypes = map[string]string{
	"/cosmos.vesting.v1beta1.ClawbackVestingAccount": "only Agoric's fork of the Cosmos SDK has clawback vesting accounts: replace it in the genesis by /cosmos.vesting.v1beta1.PeriodicVestingAccount or /cosmos.auth.v1beta1.BaseAccount",
}

// checkTypes returns an error if a genesis has a value of a type that this build
// lacks, such as an account of another chain. It names the field.
func checkTypes(registry codectypes.InterfaceRegistry, genesis map[string]json.RawMessage) error {
	for _, name := range slices.Sorted(maps.Keys(genesis)) {
		if !bytes.Contains(genesis[name], []byte(`"@type"`)) {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(genesis[name]))
		decoder.UseNumber()
		w := typeWalk{decoder: decoder, registry: registry}
		if err := w.value(); err != nil {
			return fmt.Errorf("genesis app_state.%s%s: %w", name, strings.Join(w.path, ""), err)
		}
	}
	return nil
}

// typeWalk reads JSON, and keeps only the path of the current value.
type typeWalk struct {
	decoder  *json.Decoder
	registry codectypes.InterfaceRegistry
	// path has the current value's member or index of each level: ".name", "[3]".
	path []string
}

// value reads the next value. After an error, the path is its place.
func (w *typeWalk) value() error {
	token, err := w.decoder.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		for i := 0; w.decoder.More(); i++ {
			if err := w.inside(fmt.Sprintf("[%d]", i), w.value); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		for w.decoder.More() {
			name, err := w.decoder.Token()
			if err != nil {
				return err
			}
			if name == "@type" {
				err = w.resolve()
			} else {
				err = w.inside(fmt.Sprintf(".%s", name), w.value)
			}
			if err != nil {
				return err
			}
		}
	default:
		return nil
	}
	_, err = w.decoder.Token() // the end of the array or object
	return err
}

// inside reads what is one level deeper. After an error, the path stays.
func (w *typeWalk) inside(step string, read func() error) error {
	w.path = append(w.path, step)
	if err := read(); err != nil {
		return err
	}
	w.path = w.path[:len(w.path)-1]
	return nil
}

// resolve reads the value of @type.
func (w *typeWalk) resolve() error {
	value, err := w.decoder.Token()
	url, is := value.(string)
	switch {
	case err != nil:
		return err
	case !is:
		return fmt.Errorf("@type must be a type URL, such as /cosmos.auth.v1beta1.BaseAccount")
	}
	if _, err := w.registry.Resolve(url); err == nil {
		return nil
	}
	reason, known := foreignTypes[url]
	if !known {
		reason = "run a release that has it, or replace it in the genesis"
	}
	return fmt.Errorf("this build has no type %q: %s", url, reason)
}
