package app

import (
	"encoding/json"

	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzmodule "github.com/cosmos/cosmos-sdk/x/authz/module"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/evidence"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantmodule "github.com/cosmos/cosmos-sdk/x/feegrant/module"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govclient "github.com/cosmos/cosmos-sdk/x/gov/client"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/cosmos-sdk/x/upgrade"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"

	icatypes "github.com/cosmos/ibc-go/v11/modules/apps/27-interchain-accounts/types"
	packetforwardtypes "github.com/cosmos/ibc-go/v11/modules/apps/packet-forward-middleware/types"
	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	ibcexported "github.com/cosmos/ibc-go/v11/modules/core/exported"

	"github.com/agd-bridge/agd-bridge/go/x/swingset"
	swingsetcli "github.com/agd-bridge/agd-bridge/go/x/swingset/client/cli"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
	"github.com/agd-bridge/agd-bridge/go/x/vbank"
	vbanktypes "github.com/agd-bridge/agd-bridge/go/x/vbank/types"
	vibctypes "github.com/agd-bridge/agd-bridge/go/x/vibc/types"
	"github.com/agd-bridge/agd-bridge/go/x/vlocalchain"
	vlocalchaintypes "github.com/agd-bridge/agd-bridge/go/x/vlocalchain/types"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage"
	vstoragetypes "github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
	vtransfertypes "github.com/agd-bridge/agd-bridge/go/x/vtransfer/types"
)

// The order of modules in each phase of a block. x/vbank reads the balances
// that every module before it changed. x/swingset comes after all modules that
// queue actions for the kernel's END_BLOCK. x/vstorage ends the block with the
// events of its changes.
var (
	preBlockOrder   = []string{upgradetypes.ModuleName, authtypes.ModuleName}
	beginBlockOrder = []string{
		minttypes.ModuleName, distrtypes.ModuleName, slashingtypes.ModuleName,
		evidencetypes.ModuleName, stakingtypes.ModuleName, genutiltypes.ModuleName, ibcexported.ModuleName,
		authz.ModuleName, swingsettypes.ModuleName,
	}
	endBlockOrder = []string{
		banktypes.ModuleName, govtypes.ModuleName, stakingtypes.ModuleName,
		feegrant.ModuleName, vbanktypes.ModuleName, swingsettypes.ModuleName, vstoragetypes.ModuleName,
	}
	genesisOrder = []string{
		authtypes.ModuleName, banktypes.ModuleName, distrtypes.ModuleName,
		stakingtypes.ModuleName, slashingtypes.ModuleName, govtypes.ModuleName,
		minttypes.ModuleName, genutiltypes.ModuleName, upgradetypes.ModuleName,
		consensustypes.ModuleName, vstoragetypes.ModuleName, vbanktypes.ModuleName,
		swingsettypes.ModuleName, ibcexported.ModuleName, transfertypes.ModuleName,
		vibctypes.ModuleName, vlocalchaintypes.ModuleName, vtransfertypes.ModuleName,
		evidencetypes.ModuleName, feegrant.ModuleName, authz.ModuleName,
		vestingtypes.ModuleName, packetforwardtypes.ModuleName, icatypes.ModuleName,
	}
)

func newModuleManager(app *App) *module.Manager {
	cdc, k := app.encoding.Codec, app.Keepers
	modules := append(standardModules(app),
		genutil.NewAppModule(k.Account, k.Staking, app, app.encoding.TxConfig),
		upgradeModule{upgrade.NewAppModule(k.Upgrade, k.Account.AddressCodec()), k.Upgrade},
		consensus.NewAppModule(cdc, k.Consensus),
		vesting.NewAppModule(k.Account, k.Bank),
		evidence.NewAppModule(*k.Evidence),
		authzmodule.NewAppModule(cdc, k.Authz, k.Account, k.Bank, app.encoding.Registry),
		feegrantmodule.NewAppModule(cdc, k.Account, k.Bank, k.FeeGrant, app.encoding.Registry),
		vstorage.NewAppModule(cdc, k.VStorage),
		vbank.NewAppModule(cdc, k.VBank),
		swingset.NewAppModule(cdc, k.SwingSet),
		vlocalchain.NewAppModule(k.VLocalchain),
	)
	modules = append(modules, ibcModules(&k)...)
	manager := module.NewManager(modules...)
	manager.SetOrderPreBlockers(preBlockOrder...)
	manager.SetOrderBeginBlockers(beginBlockOrder...)
	manager.SetOrderEndBlockers(endBlockOrder...)
	manager.SetOrderInitGenesis(genesisOrder...)
	manager.SetOrderExportGenesis(genesisOrder...)
	return manager
}

// newBasicManager returns the parts of the modules that the command line needs:
// types, default genesis, transaction commands.
func newBasicManager(manager *module.Manager, encoding Encoding) module.BasicManager {
	basics := module.NewBasicManagerFromManager(manager, map[string]module.AppModuleBasic{
		genutiltypes.ModuleName: genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
		govtypes.ModuleName: gov.NewAppModuleBasic(append([]govclient.ProposalHandler{
			govclient.NewProposalHandler(swingsetcli.CoreEvalCommand),
		}, paramProposalCommands...)),
	})
	basics.RegisterLegacyAminoCodec(encoding.Amino)
	basics.RegisterInterfaces(encoding.Registry)
	return basics
}

// DefaultGenesis returns every module's default genesis.
func (app *App) DefaultGenesis() map[string]json.RawMessage {
	return app.Basics.DefaultGenesis(app.encoding.Codec)
}
