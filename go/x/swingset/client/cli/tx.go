// Package cli has x/swingset's commands, in Agoric's spelling. The SDK's
// generated commands do not support signers whose address is bytes.
package cli

import (
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// TxCommand returns `agd tx swingset`.
func TxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   types.ModuleName,
		Short: "Transactions commands for the swingset module",
		RunE:  client.ValidateCmd,
	}
	cmd.AddCommand(walletActionCommand(), provisionCommand(), installBundleCommand(), sendChunkCommand(), deliverCommand())
	return cmd
}

// message builds the message of a command; from is the signer.
type message func(cmd *cobra.Command, from sdk.AccAddress, args []string) (sdk.Msg, error)

// txCommand is sendCommand with the flags of every transaction.
func txCommand(use, short string, args cobra.PositionalArgs, make message) *cobra.Command {
	cmd := sendCommand(use, short, args, make)
	flags.AddTxFlagsToCmd(cmd)
	return cmd
}

// sendCommand returns a command that validates a message locally and sends it.
func sendCommand(use, short string, args cobra.PositionalArgs, make message) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, err := client.GetClientTxContext(cmd)
			if err != nil {
				return err
			}
			msg, err := make(cmd, ctx.GetFromAddress(), args)
			if err != nil {
				return err
			}
			if valid, ok := msg.(sdk.HasValidateBasic); ok {
				if err := valid.ValidateBasic(); err != nil {
					return err
				}
			}
			return tx.GenerateOrBroadcastTxCLI(ctx, cmd.Flags(), msg)
		},
	}
}
