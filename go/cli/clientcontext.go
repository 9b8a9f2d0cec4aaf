package cli

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/config"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// clientContext returns the context that a client's command will read, with the
// values of its flags.
func clientContext(cmd *cobra.Command) (client.Context, error) {
	return client.ReadPersistentCommandFlags(client.GetClientContextFromCmd(cmd), cmd.Flags())
}

// usualNode are addresses of a node that listens where client.toml looks for it
// by default.
var usualNode = []string{"tcp://localhost:26657", "tcp://127.0.0.1:26657", "tcp://0.0.0.0:26657"}

// nodeEnvironment is environmentOf for the node that runs on a home; nil: none
// does, or it is another user's.
func nodeEnvironment(dir string) []string {
	running := home.Holder(dir)
	if running == 0 {
		return nil
	}
	env, err := environmentOf(running)
	if err != nil {
		return nil
	}
	return env
}

// preferOwnNode gives a client's command the address of the node that runs on its
// home, as the node's own flags and environment have it, unless the user names
// another by --node, the environment or client.toml. At the usual address the
// node of another home may answer.
func preferOwnNode(cmd *cobra.Command, ctx client.Context, env []string) error {
	flag := cmd.Flags().Lookup(flags.FlagNode)
	if flag == nil || flag.Changed || environ.Get(env, options.EnvOf(flags.FlagNode)) != "" || ctx.NodeURI != config.DefaultConfig().Node {
		return nil
	}
	of := nodeEnvironment(ctx.HomeDir)
	if of == nil {
		return nil
	}
	listen := cmp.Or(environ.Get(of, options.EnvOf("rpc.laddr")), server.GetServerContextFromCmd(cmd).Config.RPC.ListenAddress)
	first := firstAddress(listen)
	if first == "" || slices.Contains(usualNode, first) {
		return nil
	}
	return cmd.Flags().Set(flags.FlagNode, first)
}
