// Package types has the names, paths, messages and events of x/vstorage.
package types

const (
	// ModuleName is the module's name.
	ModuleName = "vstorage"
	// StoreKey names the store of the data.
	StoreKey = ModuleName
	// TransientStoreKey names the store of the paths that the block changed.
	TransientStoreKey = "transient_" + ModuleName
)
