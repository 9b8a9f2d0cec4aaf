// Package types has the names, parameters and messages of x/swingset.
package types

const (
	// ModuleName is the module's name.
	ModuleName = "swingset"
	// StoreKey names the store of parameters, state and swing-store export data.
	StoreKey = ModuleName
)

// Paths in x/vstorage (@agoric/internal src/chain-storage-paths.js).
const (
	// PathActionQueue and PathHighPriorityQueue are the kernel's inbound queues.
	PathActionQueue       = "actionQueue"
	PathHighPriorityQueue = "highPriorityQueue"
	// PathHighPrioritySenders has an entry for each high-priority account; the
	// kernel writes it.
	PathHighPrioritySenders = "highPrioritySenders"
	// PathWallets has an entry for each account with a smart wallet; the wallets
	// write it.
	PathWallets = "published.wallet"
	// PathEgress has the provisioned accounts, PathMailbox the kernel's
	// messages for an account, PathBeansOwing an account's debt in fees.
	PathEgress     = "egress"
	PathMailbox    = "mailbox"
	PathBeansOwing = "beansOwing"
)
