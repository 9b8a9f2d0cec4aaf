package options

import (
	"fmt"

	"github.com/spf13/cast"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// bridgeConfig is the section [bridge] of app.toml.
type bridgeConfig struct {
	MaxFrameBytes   int `mapstructure:"max-frame-bytes"`
	MaxNesting      int `mapstructure:"max-nesting"`
	MaxPendingCalls int `mapstructure:"max-pending-calls"`
	MaxQueuedBytes  int `mapstructure:"max-queued-bytes"`
}

const bridgeTemplate = `
###############################################################################
###                          Bridge Configuration                           ###
###############################################################################

# Limits of the bridge between chain and kernel, the same on both sides. All
# but max-pending-calls are at least what the chain lets through.
# (--bridge.max-frame-bytes, AGD_BRIDGE_MAX_FRAME_BYTES, …)
[bridge]

# Maximum size of a message, in bytes.
max-frame-bytes = {{ .Bridge.MaxFrameBytes }}

# Maximum nesting of arrays and objects in a message.
max-nesting = {{ .Bridge.MaxNesting }}

# Maximum number of unanswered calls of one side.
max-pending-calls = {{ .Bridge.MaxPendingCalls }}

# Maximum size of each queue of messages, in bytes.
max-queued-bytes = {{ .Bridge.MaxQueuedBytes }}
`

// bridgeLimit is one of the options that bound the bridge.
type bridgeLimit struct {
	option, usage string
	of            func(*bridge.Limits) *int
}

var bridgeLimits = []bridgeLimit{
	{"bridge.max-frame-bytes", "Maximum size of a message between chain and kernel, in bytes",
		func(l *bridge.Limits) *int { return &l.MaxFrameBytes }},
	{"bridge.max-nesting", "Maximum nesting of arrays and objects in a message between chain and kernel",
		func(l *bridge.Limits) *int { return &l.MaxNesting }},
	{"bridge.max-pending-calls", "Maximum number of unanswered calls of chain or kernel",
		func(l *bridge.Limits) *int { return &l.MaxPendingCalls }},
	{"bridge.max-queued-bytes", "Maximum size of each queue of messages between chain and kernel, in bytes",
		func(l *bridge.Limits) *int { return &l.MaxQueuedBytes }},
}

func defaultBridgeConfig() bridgeConfig { return bridgeConfig(bridge.DefaultLimits()) }

func addBridgeFlags(cmd *cobra.Command) {
	absent := bridge.DefaultLimits()
	for _, limit := range bridgeLimits {
		cmd.Flags().Int(limit.option, *limit.of(&absent), limit.usage)
	}
}

// LimitsOf reads the bridge's limits from flags, environment or app.toml.
// Everything that the chain accepts must fit; otherwise a message would stop
// only this node.
func LimitsOf(v *viper.Viper) (bridge.Limits, error) {
	limits, leastLimits := bridge.DefaultLimits(), vm.LeastLimits()
	for _, limit := range bridgeLimits {
		value := v.Get(limit.option)
		n, err := cast.ToIntE(value)
		if least := *limit.of(&leastLimits); err != nil || n < least {
			return limits, fmt.Errorf("%s must be an integer of at least %d: %v", limit.option, least, value)
		}
		*limit.of(&limits) = n
	}
	return limits, nil
}
