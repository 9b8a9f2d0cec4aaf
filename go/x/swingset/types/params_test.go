package types

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/internal/kerneltest"
)

// parse returns the kernel's own parsing of the parameters.
func parse(t *testing.T, params Params) string {
	t.Helper()
	text, err := json.Marshal(KernelParams(params))
	require.NoError(t, err)
	return kerneltest.Run(t, `
		import { readFileSync } from 'node:fs';
		const { parseParams } = await import('@agoric/cosmic-swingset/src/params.js');
		const parsed = parseParams(JSON.parse(readFileSync(0, 'utf8')));
		console.log(JSON.stringify(parsed, (_key, value) => typeof value === 'bigint' ? value + 'n' : value));
	`, string(text))
}

func TestKernelParsesDefaultParams(t *testing.T) {
	require.JSONEq(t, `{
		"beansPerUnit": {
			"xsnapComputron": "100n", "blockComputeLimit": "800000000n", "vatCreation": "30000000n",
			"feeUnit": "1000000000000n", "inboundTx": "10000000000n", "message": "1000000000n",
			"messageByte": "20000000n", "minFeeDebit": "200000000000n", "storageByte": "2000000000n",
			"smartWalletProvision": "1000000000000n"
		},
		"feeUnitPrice": [{"denom": "ubld", "amount": "1000000n"}],
		"queueMax": {"inbound": 1000},
		"vatCleanupBudget": {"default": 5, "kv": 50}
	}`, parse(t, DefaultParams()))
}

func TestDefaultParamsAreTheKernelsOwn(t *testing.T) {
	text, err := json.Marshal(KernelParams(DefaultParams()))
	require.NoError(t, err)
	var ours map[string]any
	require.NoError(t, json.Unmarshal(text, &ours))
	require.Equal(t, DefaultBootstrapVatConfig, ours["bootstrap_vat_config"])

	var theirs map[string]any
	require.NoError(t, json.Unmarshal([]byte(kerneltest.Run(t, `
		const { DEFAULT_SIM_SWINGSET_PARAMS } = await import('@agoric/cosmic-swingset/src/sim-params.js');
		console.log(JSON.stringify(DEFAULT_SIM_SWINGSET_PARAMS));
	`, "")), &theirs))
	delete(ours, "bootstrap_vat_config")
	delete(theirs, "bootstrap_vat_config")
	require.Equal(t, theirs, ours)
}

func TestKernelParsesEmptyListsAndZeros(t *testing.T) {
	params := DefaultParams()
	params.BeansPerUnit = params.BeansPerUnit[:3]
	params.BeansPerUnit[0].Beans = math.ZeroUint()
	params.FeeUnitPrice = nil
	params.PowerFlagFees = nil
	params.QueueMax = []QueueSize{{Key: QueueInbound}}
	params.VatCleanupBudget = nil
	require.NoError(t, params.Validate())
	require.JSONEq(t, `{
		"beansPerUnit": {"xsnapComputron": "0n", "blockComputeLimit": "800000000n", "vatCreation": "30000000n"},
		"feeUnitPrice": [], "queueMax": {"inbound": 0}, "vatCleanupBudget": {}
	}`, parse(t, params))
}

func TestParamsSurviveTheStore(t *testing.T) {
	params := DefaultParams()
	bz, err := params.Marshal()
	require.NoError(t, err)
	var back Params
	require.NoError(t, back.Unmarshal(bz))
	require.True(t, params.Equal(&back))
}

func TestParamsValidate(t *testing.T) {
	require.NoError(t, DefaultParams().Validate())
	for want, spoil := range map[string]func(*Params){
		"beans_per_unit: xsnapComputron is missing": func(p *Params) { p.BeansPerUnit = nil },
		"beans_per_unit[10] has no key":             func(p *Params) { p.BeansPerUnit = append(p.BeansPerUnit, StringBeans{Beans: math.OneUint()}) },
		"beans_per_unit: vatCreation occurs twice":  func(p *Params) { p.BeansPerUnit = append(p.BeansPerUnit, p.BeansPerUnit[2]) },
		"fee_unit_price: invalid denom: !":          func(p *Params) { p.FeeUnitPrice = sdk.Coins{{Denom: "!", Amount: math.OneInt()}} },
		"fee_unit_price: negative coin amount: -1":  func(p *Params) { p.FeeUnitPrice = sdk.Coins{{Denom: "ubld", Amount: math.NewInt(-1)}} },
		"fee_unit_price: ubld occurs twice":         func(p *Params) { p.FeeUnitPrice = append(p.FeeUnitPrice, p.FeeUnitPrice[0]) },
		"fee_unit_price: the amount of ubld must be less than 2^128: 340282366920938463463374607431768211456": func(p *Params) {
			p.FeeUnitPrice[0].Amount = math.NewIntFromBigInt(bits(128))
		},
		"fee_unit_price: the amount of uist must":                                  func(p *Params) { p.FeeUnitPrice = sdk.Coins{{Denom: "uist", Amount: math.NewIntFromBigInt(bits(255))}} },
		"beans_per_unit: messageByte must be less than 2^64: 18446744073709551616": func(p *Params) { p.BeansPerUnit[6].Beans = math.NewUintFromBigInt(bits(64)) },
		"beans_per_unit: message has no beans":                                     func(p *Params) { p.BeansPerUnit[5].Beans = math.Uint{} },
		"power_flag_fees: SMART_WALLET: the amount of":                             func(p *Params) { p.PowerFlagFees[0].Fee[0].Amount = math.NewIntFromBigInt(bits(255)) },
		"vat_cleanup_budget: kv must be at most 9007199254740991: 9007199254740992": func(p *Params) {
			p.VatCleanupBudget[1].Value = math.NewUint(1 << 53)
		},
		"vat_cleanup_budget: kv has no value":                func(p *Params) { p.VatCleanupBudget[1].Value = math.Uint{} },
		"bytes of JSON, of at most 1048576 (maxParamsBytes)": func(p *Params) { p.BootstrapVatConfig = strings.Repeat("<", MaxParamsBytes) },
		"bootstrap_vat_config must not be empty":             func(p *Params) { p.BootstrapVatConfig = "" },
		"power_flag_fees[0] has no power_flag":               func(p *Params) { p.PowerFlagFees[0].PowerFlag = "" },
		"power_flag_fees: SMART_WALLET: ":                    func(p *Params) { p.PowerFlagFees[0].Fee = sdk.Coins{{Denom: "ubld", Amount: math.ZeroInt()}} },
		"queue_max: inbound is missing":                      func(p *Params) { p.QueueMax = nil },
		"queue_max: inbound must not be negative: -1":        func(p *Params) { p.QueueMax[0].Size_ = -1 },
		"vat_cleanup_budget: default is missing":             func(p *Params) { p.VatCleanupBudget = p.VatCleanupBudget[1:] },
		"vat_cleanup_budget: kv occurs twice":                func(p *Params) { p.VatCleanupBudget = append(p.VatCleanupBudget, p.VatCleanupBudget[1]) },
	} {
		params := DefaultParams()
		spoil(&params)
		require.ErrorContains(t, params.Validate(), want)
	}
}

func bits(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

// The kernel can represent the largest valid parameters.
func TestKernelParsesTheLargestParams(t *testing.T) {
	params := DefaultParams()
	largest := new(big.Int).Sub(bits(128), big.NewInt(1))
	params.FeeUnitPrice = sdk.Coins{{Denom: "uist", Amount: math.NewIntFromBigInt(largest)}, {Denom: "ubld", Amount: math.ZeroInt()}}
	for i := range params.BeansPerUnit {
		params.BeansPerUnit[i].Beans = math.NewUint(1<<64 - 1)
	}
	params.QueueMax[0].Size_ = 1<<31 - 1
	for i := range params.VatCleanupBudget {
		params.VatCleanupBudget[i].Value = math.NewUint(maxNumber)
	}
	require.NoError(t, params.Validate())
	parsed := parse(t, params)
	require.Contains(t, parsed, `"feeUnitPrice":[{"denom":"uist","amount":"340282366920938463463374607431768211455n"},{"denom":"ubld","amount":"0n"}]`)
	require.Contains(t, parsed, `"messageByte":"18446744073709551615n"`)
	require.Contains(t, parsed, `"queueMax":{"inbound":2147483647},"vatCleanupBudget":{"default":9007199254740991,"kv":9007199254740991}`)
}

func TestGenesisValidate(t *testing.T) {
	require.NoError(t, DefaultGenesisState().Validate())
	entry := &SwingStoreExportDataEntry{Key: "k"}
	for want, gs := range map[string]*GenesisState{
		"swingset: params: beans_per_unit: xsnapComputron is missing": {},
		"swingset: swingStoreExportData and swingStoreExportDataHash exclude each other": {
			Params: DefaultParams(), SwingStoreExportData: []*SwingStoreExportDataEntry{entry}, SwingStoreExportDataHash: "sha256:00",
		},
		"swingset: swingStoreExportData[0] has no key": {
			Params: DefaultParams(), SwingStoreExportData: []*SwingStoreExportDataEntry{{Value: "v"}},
		},
		`swingset: swingStoreExportData[1]: key "k" occurs twice`: {
			Params: DefaultParams(), SwingStoreExportData: []*SwingStoreExportDataEntry{entry, entry},
		},
		"swingset: kernelStore[0]: kernelStore: a value of 8388609 bytes; there may be 8388608": {
			Params: DefaultParams(), SwingStoreExportData: []*SwingStoreExportDataEntry{entry},
			KernelStore: []*KernelStoreEntry{{Key: "k", Value: strings.Repeat("v", 8<<20+1)}},
		},
	} {
		require.EqualError(t, gs.Validate(), want)
	}
}
