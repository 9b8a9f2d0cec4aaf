package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Keys of Params.BeansPerUnit. The kernel meters with the first three; the
// chain charges fees with the others.
const (
	BeansPerXsnapComputron       = "xsnapComputron"
	BeansPerBlockComputeLimit    = "blockComputeLimit"
	BeansPerVatCreation          = "vatCreation"
	BeansPerFeeUnit              = "feeUnit"
	BeansPerInboundTx            = "inboundTx"
	BeansPerMessage              = "message"
	BeansPerMessageByte          = "messageByte"
	BeansPerMinFeeDebit          = "minFeeDebit"
	BeansPerStorageByte          = "storageByte"
	BeansPerSmartWalletProvision = "smartWalletProvision"
)

// Keys of Params.QueueMax and State.QueueAllowed.
const (
	// QueueInbound is the total length of the kernel's inbound queues.
	QueueInbound = "inbound"
	// QueueInboundMempool is the part of it that transactions may fill before
	// they are in a block.
	QueueInboundMempool = "inbound_mempool"
)

// Keys of Params.VatCleanupBudget that have a default.
const (
	VatCleanupDefault = "default"
	VatCleanupKv      = "kv"
)

// PowerFlagSmartWallet asks for a smart wallet.
const PowerFlagSmartWallet = "SMART_WALLET"

// DefaultBootstrapVatConfig boots a kernel with only a bank: fast, and enough
// to follow balances.
const DefaultBootstrapVatConfig = "@agd-bridge/vats/bank-config.json"

// Limits of bundles, as on Agoric's chain.
const (
	defaultDeadlineBlocks  = -1
	defaultDeadlineSeconds = 24 * 60 * 60
	defaultBundleLimit     = 10_000_000
	// DefaultChunkSize is the most bytes of a chunk.
	DefaultChunkSize = 490_000
)

// feeUnit is the number of beans that cost one fee unit price.
const feeUnit = 1_000_000_000_000

// DefaultParams returns Agoric's parameters, except for the bootstrap
// configuration.
func DefaultParams() Params {
	const computron = 100
	beans := func(key string, amount uint64) StringBeans {
		return StringBeans{Key: key, Beans: math.NewUint(amount)}
	}
	ubld := func(amount int64) sdk.Coins { return sdk.NewCoins(sdk.NewInt64Coin("ubld", amount)) }
	return Params{
		BeansPerUnit: []StringBeans{
			beans(BeansPerXsnapComputron, computron),
			beans(BeansPerBlockComputeLimit, 8_000_000*computron),
			beans(BeansPerVatCreation, 300_000*computron),
			beans(BeansPerFeeUnit, feeUnit),
			beans(BeansPerInboundTx, feeUnit/100),
			beans(BeansPerMessage, feeUnit/1_000),
			beans(BeansPerMessageByte, feeUnit/50_000),
			beans(BeansPerMinFeeDebit, feeUnit/5),
			beans(BeansPerStorageByte, feeUnit/500),
			beans(BeansPerSmartWalletProvision, feeUnit),
		},
		FeeUnitPrice:       ubld(1_000_000),
		BootstrapVatConfig: DefaultBootstrapVatConfig,
		PowerFlagFees:      []PowerFlagFee{{PowerFlag: PowerFlagSmartWallet, Fee: ubld(10_000_000)}},
		QueueMax:           []QueueSize{{Key: QueueInbound, Size_: 1_000}},
		VatCleanupBudget: []UintMapEntry{
			{Key: VatCleanupDefault, Value: math.NewUint(5)},
			{Key: VatCleanupKv, Value: math.NewUint(50)},
		},
	}.Completed()
}

// Completed returns the parameters with the limits of bundles, if they are of a
// release without them.
func (p Params) Completed() Params {
	if p.BundleUncompressedSizeLimitBytes != 0 || p.ChunkSizeLimitBytes != 0 {
		return p
	}
	p.InstallationDeadlineBlocks = defaultDeadlineBlocks
	p.InstallationDeadlineSeconds = defaultDeadlineSeconds
	p.BundleUncompressedSizeLimitBytes = defaultBundleLimit
	p.ChunkSizeLimitBytes = DefaultChunkSize
	return p
}

// Beans returns the price of a resource in beans; 0 if it has none.
func (p Params) Beans(key string) math.Uint {
	for _, entry := range p.BeansPerUnit {
		if entry.Key == key {
			return entry.Beans
		}
	}
	return math.ZeroUint()
}

// FeeOfPowerFlag returns the fee of a provisioning's flag. Of several entries
// the first one counts.
func (p Params) FeeOfPowerFlag(flag string) (fee sdk.Coins, known bool) {
	for _, entry := range p.PowerFlagFees {
		if entry.PowerFlag == flag {
			return entry.Fee, true
		}
	}
	return nil, false
}

// Size returns the entry of a list of queue sizes.
func Size(sizes []QueueSize, key string) (size int32, found bool) {
	for _, entry := range sizes {
		if entry.Key == key {
			return entry.Size_, true
		}
	}
	return 0, false
}
