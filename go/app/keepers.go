package app

import (
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	evidencekeeper "github.com/cosmos/cosmos-sdk/x/evidence/keeper"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantkeeper "github.com/cosmos/cosmos-sdk/x/feegrant/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	mintkeeper "github.com/cosmos/cosmos-sdk/x/mint/keeper"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"

	icahostkeeper "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/keeper"
	icahosttypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/host/types"
	packetforwardkeeper "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware/keeper"
	packetforwardtypes "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware/types"
	transferkeeper "github.com/cosmos/ibc-go/v11/modules/apps/transfer/keeper"
	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	ibcexported "github.com/cosmos/ibc-go/v11/modules/core/exported"
	ibckeeper "github.com/cosmos/ibc-go/v11/modules/core/keeper"

	"github.com/agd-bridge/agd-bridge/go/vm"
	swingsetkeeper "github.com/agd-bridge/agd-bridge/go/x/swingset/keeper"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	vbankkeeper "github.com/agd-bridge/agd-bridge/go/x/vbank/keeper"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
	vibckeeper "github.com/agd-bridge/agd-bridge/go/x/vibc/keeper"
	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	vlocalchainkeeper "github.com/agd-bridge/agd-bridge/go/x/vlocalchain/keeper"
	vlocalchaintypes "github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
	vstoragekeeper "github.com/agd-bridge/agd-bridge/go/x/vstorage/keeper"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
	vtransferkeeper "github.com/agd-bridge/agd-bridge/go/x/vtransfer/keeper"
	vtransfertypes "github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// stores are the keys of the app's stores, by name.
type stores struct {
	kv        map[string]*storetypes.KVStoreKey
	transient map[string]*storetypes.TransientStoreKey
}

func newStores() stores {
	return stores{
		kv: storetypes.NewKVStoreKeys(
			authtypes.StoreKey, banktypes.StoreKey, stakingtypes.StoreKey,
			distrtypes.StoreKey, slashingtypes.StoreKey, minttypes.StoreKey,
			govtypes.StoreKey, upgradetypes.StoreKey, consensustypes.StoreKey,
			vstoragetypes.StoreKey, vbanktypes.StoreKey, swingsettypes.StoreKey,
			ibcexported.StoreKey, transfertypes.StoreKey, vibctypes.StoreKey,
			vlocalchaintypes.StoreKey, vtransfertypes.StoreKey,
			evidencetypes.StoreKey, feegrant.StoreKey, authzkeeper.StoreKey,
			packetforwardtypes.StoreKey, icahosttypes.StoreKey,
		),
		transient: storetypes.NewTransientStoreKeys(vbanktypes.TransientStoreKey, vstoragetypes.TransientStoreKey),
	}
}

func (s stores) service(key string) corestore.KVStoreService {
	return runtime.NewKVStoreService(s.kv[key])
}

// Keepers are the modules' keepers. They have no state outside the stores.
type Keepers struct {
	Account      authkeeper.AccountKeeper
	Bank         bankkeeper.BaseKeeper
	Staking      *stakingkeeper.Keeper
	Distribution distrkeeper.Keeper
	Slashing     slashingkeeper.Keeper
	Mint         mintkeeper.Keeper
	Gov          *govkeeper.Keeper
	Upgrade      *upgradekeeper.Keeper
	Consensus    consensuskeeper.Keeper
	Evidence     *evidencekeeper.Keeper
	FeeGrant     feegrantkeeper.Keeper
	Authz        authzkeeper.Keeper

	VStorage vstoragekeeper.Keeper
	VBank    vbankkeeper.Keeper
	SwingSet *swingsetkeeper.Keeper

	IBC           *ibckeeper.Keeper
	Transfer      *transferkeeper.Keeper
	PacketForward *packetforwardkeeper.Keeper
	ICAHost       *icahostkeeper.Keeper
	VIBC          *vibckeeper.Keeper

	VLocalchain *vlocalchainkeeper.Keeper
	VTransfer   *vtransferkeeper.Keeper
}

// keeperEnv is what the keepers are created from.
type keeperEnv struct {
	Encoding
	stores stores
	base   *baseapp.BaseApp
	blocks vm.BlockRunner
	// kernelConfig is app.toml's section for the kernel.
	kernelConfig swingsettypes.KernelConfig
	home         string
	skip         map[int64]bool
	logger       log.Logger
}

func newKeepers(env keeperEnv) Keepers {
	authority := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	service := env.stores.service
	cdc := env.Codec
	var k Keepers

	k.Consensus = consensuskeeper.NewKeeper(cdc, service(consensustypes.StoreKey), authority, runtime.EventService{})
	env.base.SetParamStore(k.Consensus.ParamsStore)

	k.Account = authkeeper.NewAccountKeeper(cdc, service(authtypes.StoreKey),
		authtypes.ProtoBaseAccount, moduleAccounts, env.Address, AccountPrefix, authority)

	// Bank events do not report every changed balance; the recording store
	// does.
	bankStore := vbankkeeper.NewRecordingStoreService(
		service(banktypes.StoreKey), env.stores.transient[vbanktypes.TransientStoreKey])
	k.Bank = bankkeeper.NewBaseKeeper(cdc, bankStore, k.Account, blockedAddresses(), authority, env.logger)

	k.Staking = stakingkeeper.NewKeeper(cdc, service(stakingtypes.StoreKey), k.Account, k.Bank,
		authority, env.ValidatorAddress, env.ConsensusAddress)
	k.Mint = mintkeeper.NewKeeper(cdc, service(minttypes.StoreKey), k.Staking, k.Account, k.Bank,
		vbanktypes.GiveawayPoolName, authority)
	k.Distribution = distrkeeper.NewKeeper(cdc, service(distrtypes.StoreKey), k.Account, k.Bank, k.Staking,
		vbanktypes.GiveawayPoolName, authority)
	k.Slashing = slashingkeeper.NewKeeper(cdc, env.Amino, service(slashingtypes.StoreKey), k.Staking, authority)
	k.Staking.SetHooks(stakingtypes.NewMultiStakingHooks(k.Distribution.Hooks(), k.Slashing.Hooks()))
	k.Evidence = evidencekeeper.NewKeeper(cdc, service(evidencetypes.StoreKey), k.Staking, k.Slashing,
		env.Address, runtime.ProvideCometInfoService())
	k.Authz = authzkeeper.NewKeeper(service(authzkeeper.StoreKey), cdc, env.base.MsgServiceRouter(), k.Account)
	k.FeeGrant = feegrantkeeper.NewKeeper(cdc, service(feegrant.StoreKey), k.Account)
	k.Upgrade = upgradekeeper.NewKeeper(env.skip, service(upgradetypes.StoreKey), cdc, env.home, env.base, authority)
	k.Gov = govkeeper.NewKeeper(cdc, service(govtypes.StoreKey), k.Account, k.Bank, k.Distribution,
		env.base.MsgServiceRouter(), govtypes.DefaultConfig(), authority,
		govkeeper.NewDefaultCalculateVoteResultsAndVotingPower(k.Staking))

	newKernelKeepers(&k, env, authority)
	newIBCKeepers(&k, env, authority)
	return k
}
