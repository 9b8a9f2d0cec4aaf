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
	// PathHighPrioritySenders has an entry for each such account; the kernel
	// writes it.
	PathHighPrioritySenders = "highPrioritySenders"
	// PathWallets has an entry for each account with a smart wallet; the wallets
	// write it.
	PathWallets = "published.wallet"
	// PathEgress has who was provisioned, PathMailbox what the kernel has for an
	// account, PathBeansOwing what it owes in fees.
	PathEgress     = "egress"
	PathMailbox    = "mailbox"
	PathBeansOwing = "beansOwing"
)
