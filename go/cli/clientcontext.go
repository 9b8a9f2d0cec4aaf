package cli

import (
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
)

// clientContext returns the context that a client's command will read, with the
// values of its flags.
func clientContext(cmd *cobra.Command) (client.Context, error) {
	return client.ReadPersistentCommandFlags(client.GetClientContextFromCmd(cmd), cmd.Flags())
}
