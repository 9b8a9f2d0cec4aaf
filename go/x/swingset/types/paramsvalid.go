package types

import (
	"errors"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// MaxParamsBytes bounds the bytes of all parameters as the kernel's JSON,
// because every BEGIN_BLOCK contains them.
const MaxParamsBytes = 1 << 20

// maxAmountBits bounds the amounts of prices and fees. With it and 64 bits of
// beans, no fee overflows the SDK's numbers, which would panic.
const maxAmountBits = 128

// Validate returns a one-line error if the parameters are invalid. The kernel's
// parseParams accepts all valid parameters (cosmic-swingset's src/params.js),
// and the keeper can calculate with them.
func (p Params) Validate() error {
	if err := p.validateBeans(); err != nil {
		return err
	}
	if err := p.validatePrice(); err != nil {
		return err
	}
	if p.BootstrapVatConfig == "" {
		return errors.New("bootstrap_vat_config must not be empty")
	}
	for i, entry := range p.PowerFlagFees {
		if entry.PowerFlag == "" {
			return fmt.Errorf("power_flag_fees[%d] has no power_flag", i)
		}
		if err := entry.Fee.Validate(); err != nil {
			return fmt.Errorf("power_flag_fees: %s: %w", entry.PowerFlag, err)
		}
		if err := validateAmounts(entry.Fee); err != nil {
			return fmt.Errorf("power_flag_fees: %s: %w", entry.PowerFlag, err)
		}
	}
	if err := p.validateQueues(); err != nil {
		return err
	}
	if err := p.validateCleanup(); err != nil {
		return err
	}
	if err := p.validateBundleLimits(); err != nil {
		return err
	}
	text, err := KernelParams(p).MarshalJSON()
	if err != nil {
		return err
	}
	if len(text) > MaxParamsBytes {
		return fmt.Errorf("the parameters have %d bytes of JSON, of at most %d (maxParamsBytes)", len(text), MaxParamsBytes)
	}
	return nil
}

// validatePrice accepts amounts of 0 and any order: a price need not be
// sdk.Coins, only convertible to DecCoins.
func (p Params) validatePrice() error {
	seen := map[string]bool{}
	for _, coin := range p.FeeUnitPrice {
		if err := coin.Validate(); err != nil {
			return fmt.Errorf("fee_unit_price: %w", err)
		}
		if seen[coin.Denom] {
			return fmt.Errorf("fee_unit_price: %s occurs twice", coin.Denom)
		}
		seen[coin.Denom] = true
	}
	if err := validateAmounts(p.FeeUnitPrice); err != nil {
		return fmt.Errorf("fee_unit_price: %w", err)
	}
	return nil
}

func validateAmounts(coins sdk.Coins) error {
	for _, coin := range coins {
		if coin.Amount.BigInt().BitLen() > maxAmountBits {
			return fmt.Errorf("the amount of %s must be less than 2^%d: %s", coin.Denom, maxAmountBits, coin.Amount)
		}
	}
	return nil
}

func (p Params) validateBeans() error {
	keys := newKeys("beans_per_unit")
	for _, entry := range p.BeansPerUnit {
		if err := keys.add(entry.Key); err != nil {
			return err
		}
		if entry.Beans == (math.Uint{}) {
			return fmt.Errorf("beans_per_unit: %s has no beans", entry.Key)
		}
		if entry.Beans.BigInt().BitLen() > 64 {
			return fmt.Errorf("beans_per_unit: %s must be less than 2^64: %s", entry.Key, entry.Beans)
		}
	}
	return keys.require(BeansPerXsnapComputron, BeansPerBlockComputeLimit, BeansPerVatCreation)
}

func (p Params) validateQueues() error {
	keys := newKeys("queue_max")
	for _, entry := range p.QueueMax {
		if err := keys.add(entry.Key); err != nil {
			return err
		}
		if entry.Size_ < 0 {
			return fmt.Errorf("queue_max: %s must not be negative: %d", entry.Key, entry.Size_)
		}
	}
	return keys.require(QueueInbound)
}

// validateBundleLimits bounds the limits by what the kernel can read.
func (p Params) validateBundleLimits() error {
	type limit struct {
		name  string
		value int64
	}
	for _, deadline := range []limit{
		{"installation_deadline_blocks", p.InstallationDeadlineBlocks},
		{"installation_deadline_seconds", p.InstallationDeadlineSeconds},
	} {
		if deadline.value < -1 {
			return fmt.Errorf("%s must be -1 (unlimited), 0 (expire immediately), or positive, got %d", deadline.name, deadline.value)
		}
	}
	for _, size := range []limit{
		{"bundle_uncompressed_size_limit_bytes", p.BundleUncompressedSizeLimitBytes},
		{"chunk_size_limit_bytes", p.ChunkSizeLimitBytes},
	} {
		if size.value <= 0 || size.value > MaxBundleSize {
			return fmt.Errorf("%s must be positive (>0) and at most %d, got %d", size.name, MaxBundleSize, size.value)
		}
	}
	return nil
}

func (p Params) validateCleanup() error {
	keys := newKeys("vat_cleanup_budget")
	for _, entry := range p.VatCleanupBudget {
		if err := keys.add(entry.Key); err != nil {
			return err
		}
		if entry.Value == (math.Uint{}) {
			return fmt.Errorf("vat_cleanup_budget: %s has no value", entry.Key)
		}
		if entry.Value.GT(math.NewUint(maxNumber)) {
			return fmt.Errorf("vat_cleanup_budget: %s must be at most %d: %s", entry.Key, maxNumber, entry.Value)
		}
	}
	if len(p.VatCleanupBudget) == 0 {
		return nil
	}
	return keys.require(VatCleanupDefault)
}

// keys are the keys seen in a list that represents a map.
type keys struct {
	list string
	seen map[string]bool
}

func newKeys(list string) keys { return keys{list, map[string]bool{}} }

func (k keys) add(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%s[%d] has no key", k.list, len(k.seen))
	case k.seen[key]:
		return fmt.Errorf("%s: %s occurs twice", k.list, key)
	}
	k.seen[key] = true
	return nil
}

func (k keys) require(wanted ...string) error {
	for _, key := range wanted {
		if !k.seen[key] {
			return fmt.Errorf("%s: %s is missing", k.list, key)
		}
	}
	return nil
}
