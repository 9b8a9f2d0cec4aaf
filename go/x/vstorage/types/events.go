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

// anchor surrounds the anchored key, so that a query for a substring can say
// where the key begins or ends. No path contains it.
const anchor = "\x01"

// NewStateChangeEvent says that the value at path is new; a deleted one is "".
func NewStateChangeEvent(path, value string) sdk.Event {
	key := string(PathToKey(path))
	return sdk.NewEvent(EventTypeStateChange,
		sdk.NewAttribute(AttributeKeyStore, StoreKey),
		sdk.NewAttribute(AttributeKeyKey, key),
		sdk.NewAttribute(AttributeKeyAnchoredKey, anchor+key+anchor),
		sdk.NewAttribute(AttributeKeyValue, value),
	)
}

// NewLegacyStorageEvent says the same in ag-solo's terms.
func NewLegacyStorageEvent(path, value string) sdk.Event {
	return sdk.NewEvent(EventTypeLegacyStorage,
		sdk.NewAttribute(AttributeKeyLegacyPath, path),
		sdk.NewAttribute(AttributeKeyLegacyValue, value),
	)
}
