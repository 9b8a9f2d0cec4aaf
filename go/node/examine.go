package node

import (
	cmtcfg "github.com/cometbft/cometbft/config"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/agd-bridge/agd-bridge/go/options"
)

// Listen is an option with an address at which a node listens.
type Listen struct {
	// Option is its name, and Value its value.
	Option, Value string
	// Network is tcp or unix, and At the address without a scheme. Err is the
	// reason why the value is not an address.
	Network, At string
	Err         error
}

// Listens returns all options with addresses at which a node listens, for agd
// doctor.
func Listens(comet *cmtcfg.Config, config serverconfig.Config, opts options.Options, env []string) ([]Listen, error) {
	inspector, err := inspectorOf(opts, false)
	if err != nil {
		return nil, err
	}
	var all []Listen
	for _, a := range addressesOf(comet, config, inspector, env) {
		network, at, err := a.parse()
		all = append(all, Listen{a.option, a.value, network, at, err})
	}
	return all, nil
}

// Genesis reads a home's genesis, as start does.
func Genesis(comet *cmtcfg.Config) (*genutiltypes.AppGenesis, error) {
	return checkGenesis(comet, "", "")
}
