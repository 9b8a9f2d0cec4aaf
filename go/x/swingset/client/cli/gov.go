package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govcli "github.com/cosmos/cosmos-sdk/x/gov/client/cli"
	govv1beta1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

const (
	flagTitle       = "title"
	flagDescription = "description"
)

// CoreEvalCommand returns `agd tx gov submit-legacy-proposal
// swingset-core-eval`. x/gov adds the flags of transactions.
func CoreEvalCommand() *cobra.Command {
	cmd := sendCommand("swingset-core-eval PERMIT.json CODE.js [PERMIT.json CODE.js]...",
		"Submit a proposal to evaluate code in the core of the kernel", pairs, coreEvalMessage)
	cmd.Example = `agd tx gov submit-legacy-proposal swingset-core-eval permit.json code.js \
  --title "Add a contract" --description "What it does" --deposit 1000000ubld \
  --from alice --gas auto --gas-adjustment 1.5 --yes --wait`
	cmd.Flags().String(flagTitle, "", "title of the proposal")
	cmd.Flags().String(flagDescription, "", "description of the proposal")
	cmd.Flags().String(govcli.FlagDeposit, "", "deposit for the proposal")
	return cmd
}

func pairs(_ *cobra.Command, args []string) error {
	if len(args) == 0 || len(args)%2 != 0 {
		return errors.New("expected pairs of files: permits and code")
	}
	return nil
}

func coreEvalMessage(cmd *cobra.Command, from sdk.AccAddress, args []string) (sdk.Msg, error) {
	flag := func(name string) string { return cmd.Flag(name).Value.String() }
	proposal := &types.CoreEvalProposal{Title: flag(flagTitle), Description: flag(flagDescription)}
	for i := 0; i < len(args); i += 2 {
		permits, err := os.ReadFile(args[i])
		if err != nil {
			return nil, err
		}
		code, err := os.ReadFile(args[i+1])
		if err != nil {
			return nil, err
		}
		eval := types.CoreEval{JsonPermits: string(permits), JsCode: string(code)}
		if err := eval.ValidateBasic(); err != nil {
			return nil, errorsmod.Wrapf(err, "%s, %s", args[i], args[i+1])
		}
		proposal.Evals = append(proposal.Evals, eval)
	}
	deposit, err := sdk.ParseCoinsNormalized(flag(govcli.FlagDeposit))
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", govcli.FlagDeposit, err)
	}
	if err := proposal.ValidateBasic(); err != nil {
		return nil, err
	}
	return govv1beta1.NewMsgSubmitProposal(proposal, deposit, from)
}
