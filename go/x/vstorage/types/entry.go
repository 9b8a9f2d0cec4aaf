package types

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Entry is a key with or without a value. No value means that the key is
// deleted or does not exist. Its JSON is [key, value], [key] or [key, null].
type Entry struct {
	Key   string
	Value *string
}

// NewEntry returns an entry with a value.
func NewEntry(key, value string) Entry {
	return Entry{Key: key, Value: &value}
}

// Validate refuses an invalid path, and data that the kernel could not read:
// vstorage.Get returns at most vm.MaxTextBytes.
func (e Entry) Validate() error {
	if err := ValidatePath(e.Key); err != nil {
		return err
	}
	if e.Value != nil && !vm.Quotable(*e.Value, 1, vm.MaxTextBytes) {
		return fmt.Errorf("value at path %q is too large: %d bytes as the kernel reads it, of at most %d (maxTextBytes)",
			e.Key, vm.QuotedBytes(*e.Value, 1), vm.MaxTextBytes)
	}
	return nil
}

// errEntry has its own text, because encoding/json's texts change with Go's
// version.
var errEntry = errors.New("an entry must be [key] or [key, value] with a non-empty string key and a string or null value")

// UnmarshalJSON implements json.Unmarshaler.
func (e *Entry) UnmarshalJSON(input []byte) error {
	var parts []*string
	if err := json.Unmarshal(input, &parts); err != nil {
		return errEntry
	}
	if len(parts) < 1 || len(parts) > 2 || parts[0] == nil || *parts[0] == "" {
		return errEntry
	}
	*e = Entry{Key: *parts[0]}
	if len(parts) == 2 {
		e.Value = parts[1]
	}
	return nil
}

// MarshalJSON implements json.Marshaler: [key, value] or [key].
func (e Entry) MarshalJSON() ([]byte, error) {
	if e.Value == nil {
		return vm.Marshal([]string{e.Key})
	}
	return vm.Marshal([]string{e.Key, *e.Value})
}
