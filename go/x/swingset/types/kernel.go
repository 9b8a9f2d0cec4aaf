package types

import (
	"encoding/json"

	sdk "github.com/cosmos/cosmos-sdk/types"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// The actions of x/swingset for the kernel. cosmic-swingset's src/chain-main.js
// and src/launch-chain.js read them.

// InitAction starts the kernel, once per process.
type InitAction struct {
	BlockHeight    int64           `json:"blockHeight"`
	BlockTime      int64           `json:"blockTime"` // seconds since 1970
	ChainID        string          `json:"chainID"`
	IsBootstrap    bool            `json:"isBootstrap"`
	Params         KernelParams    `json:"params"`
	ResolvedConfig KernelConfig    `json:"resolvedConfig"`
	SupplyCoins    sdk.Coins       `json:"supplyCoins"`
	UpgradeDetails *UpgradeDetails `json:"upgradeDetails,omitempty"`
}

// BeginBlockAction begins a block.
type BeginBlockAction struct {
	BlockHeight int64        `json:"blockHeight"`
	BlockTime   int64        `json:"blockTime"`
	ChainID     string       `json:"chainID"`
	Params      KernelParams `json:"params"`
}

// BlockAction is every other action of a block.
type BlockAction struct {
	BlockHeight int64 `json:"blockHeight"`
	BlockTime   int64 `json:"blockTime"`
}

// UpgradeDetails describe the upgrade that the chain just made.
type UpgradeDetails struct {
	Plan upgradetypes.Plan `json:"plan"`
	// CoreProposals are evaluated by the kernel first; may be nil.
	CoreProposals json.RawMessage `json:"coreProposals,omitempty"`
}

// QueueRecord is an item of the kernel's inbound queues.
type QueueRecord struct {
	Action  any           `json:"action"`
	Context ActionContext `json:"context"`
}

// ActionContext identifies the origin of an action. It is unique, except that a
// wallet's action and the provisioning of that wallet share the context of
// their message.
type ActionContext struct {
	BlockHeight int64 `json:"blockHeight"`
	// TxHash is the transaction's hash, or a name such as "x/vbank".
	TxHash string `json:"txHash"`
	// MsgIdx is the message's index in the transaction.
	MsgIdx int `json:"msgIdx"`
}

// KernelConfig are the node operator's options of the kernel. They are not part
// of consensus. The kernel chooses the values of empty options.
type KernelConfig struct {
	SlogFile                string `json:"slogfile,omitempty"`
	MaxVatsOnline           int    `json:"maxVatsOnline,omitempty"`
	VatSnapshotRetention    string `json:"vatSnapshotRetention,omitempty"`
	VatTranscriptRetention  string `json:"vatTranscriptRetention,omitempty"`
	VatSnapshotArchiveDir   string `json:"vatSnapshotArchiveDir,omitempty"`
	VatTranscriptArchiveDir string `json:"vatTranscriptArchiveDir,omitempty"`
}

// DefaultKernelConfig returns Agoric's defaults for an ordinary node.
func DefaultKernelConfig() KernelConfig {
	return KernelConfig{
		MaxVatsOnline:          50,
		VatSnapshotRetention:   "operational",
		VatTranscriptRetention: "operational",
	}
}

// KernelParams are Params in the JSON that the kernel reads. The JSON of Params
// omits a size of 0 and writes null for an empty list; the kernel refuses both.
type KernelParams Params

// MarshalJSON implements json.Marshaler.
func (p KernelParams) MarshalJSON() ([]byte, error) {
	type queueSize struct {
		Key  string `json:"key"`
		Size int32  `json:"size"`
	}
	queues := make([]queueSize, 0, len(p.QueueMax))
	for _, queue := range p.QueueMax {
		queues = append(queues, queueSize{queue.Key, queue.Size_})
	}
	return vm.Marshal(struct {
		BeansPerUnit       []StringBeans  `json:"beans_per_unit"`
		FeeUnitPrice       sdk.Coins      `json:"fee_unit_price"`
		BootstrapVatConfig string         `json:"bootstrap_vat_config"`
		PowerFlagFees      []PowerFlagFee `json:"power_flag_fees"`
		QueueMax           []queueSize    `json:"queue_max"`
		VatCleanupBudget   []UintMapEntry `json:"vat_cleanup_budget"`
	}{
		orEmpty(p.BeansPerUnit), p.FeeUnitPrice, p.BootstrapVatConfig,
		orEmpty(p.PowerFlagFees), queues, orEmpty(p.VatCleanupBudget),
	})
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
