// Package types has the messages and events of x/vibc.
package types

const (
	// ModuleName names the module, and the kernel's port.
	ModuleName = "vibc"
	// StoreKey names the store of the bound ports.
	StoreKey = ModuleName
)
