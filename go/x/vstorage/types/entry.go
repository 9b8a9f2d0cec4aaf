package types

import (
	"encoding/json"
	"errors"
)

// Entry is a key with a value or without one; no value means that the key is
// to be deleted, or does not exist. Its JSON is [key, value], [key] or
// [key, null].
type Entry struct {
	Key   string
	Value *string
}

// NewEntry makes an entry that has a value.
func NewEntry(key, value string) Entry {
	return Entry{Key: key, Value: &value}
}

// errEntry has a text of our own: encoding/json's texts change with Go's
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
		return json.Marshal([]string{e.Key})
	}
	return json.Marshal([]string{e.Key, *e.Value})
}
