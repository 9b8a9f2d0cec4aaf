package types

import sdk "github.com/cosmos/cosmos-sdk/types"

// Events of a changed path. Off-chain followers subscribe to them.
const (
	EventTypeStateChange = "state_change"

	AttributeKeyStore       = "store"
	AttributeKeyKey         = "key"
	AttributeKeyAnchoredKey = "anckey"
	AttributeKeyValue       = "value"

	// EventTypeLegacyStorage is what ag-solo reads.
	EventTypeLegacyStorage = "storage"

	AttributeKeyLegacyPath  = "path"
	AttributeKeyLegacyValue = "value"
)

// anchor encloses the anchored key, so that a substring query can match the
// start or the end of the key. No path contains it.
const anchor = "\x01"

// NewStateChangeEvent reports the new value at path; a deleted one is "".
func NewStateChangeEvent(path, value string) sdk.Event {
	key := string(PathToKey(path))
	return sdk.NewEvent(EventTypeStateChange,
		sdk.NewAttribute(AttributeKeyStore, StoreKey),
		sdk.NewAttribute(AttributeKeyKey, key),
		sdk.NewAttribute(AttributeKeyAnchoredKey, anchor+key+anchor),
		sdk.NewAttribute(AttributeKeyValue, value),
	)
}

// NewLegacyStorageEvent reports the same in ag-solo's format.
func NewLegacyStorageEvent(path, value string) sdk.Event {
	return sdk.NewEvent(EventTypeLegacyStorage,
		sdk.NewAttribute(AttributeKeyLegacyPath, path),
		sdk.NewAttribute(AttributeKeyLegacyValue, value),
	)
}
