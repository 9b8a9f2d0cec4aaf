// Package types has the names, parameters and messages of x/vbank.
package types

const (
	// ModuleName is the module's name, and that of its module account.
	ModuleName = "vbank"
	// StoreKey names the store of parameters and state.
	StoreKey = ModuleName
	// TransientStoreKey names the store of the balances that the block changed.
	TransientStoreKey = "transient_" + ModuleName

	// Module accounts that the kernel's contracts pay from and into.
	ReservePoolName   = "vbank/reserve"
	GiveawayPoolName  = "vbank/giveaway"
	ProvisionPoolName = "vbank/provision"
)
