package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

const (
	// fundAmount covers a wallet, which costs 10 BLD, and more.
	fundAmount = "100000000ubld,100000000uist"
	// keyFaucet is the key that pays (packages/localnet/src/devnet/make.ts).
	keyFaucet = "faucet"
)

func fundCommand(host Host, given *devnetOptions) *cobra.Command {
	return &cobra.Command{
		Use:   commandFund + " ADDRESS|KEY [AMOUNT]",
		Short: "Send coins from the faucet of the running chain",
		Long: `Send coins from the faucet of the running chain to an address, or to a key of
the chain's keyring, and wait until they are in a block. AMOUNT is ` + fundAmount + `
by default.`,
		Example: "agd devnet fund bob\nagd devnet fund agoric1… 5000000uist",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return fmt.Errorf("expected ADDRESS|KEY [AMOUNT], got %d arguments (see %q)", len(args), cmd.CommandPath()+" --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := given.complete(cmd, host.Env)
			if err != nil {
				return err
			}
			amount := fundAmount
			if len(args) > 1 {
				amount = args[1]
			}
			coins, err := sdk.ParseCoinsNormalized(amount)
			if err != nil || coins.IsZero() {
				return fmt.Errorf("AMOUNT: expected coins, such as %s: got %q", fundAmount, amount)
			}
			if err := given.hasFaucet(); err != nil {
				return err
			}
			return host.fund(given, args[0], coins)
		},
	}
}

// fund sends coins by a process of `agd tx`, and prints where they went.
func (host Host) fund(given devnetOptions, to string, coins sdk.Coins) error {
	// Another chain's node would answer at the same address, and has no faucet.
	if environ.Get(host.Env, options.EnvOf(flags.FlagNode)) == "" && home.Holder(given.home) == 0 {
		return fmt.Errorf("no node runs on %s: run `agd devnet --home %s`, and wait for its first block", given.home, shell.Quote(given.home))
	}
	var printed bytes.Buffer
	said, stopped, err := supervisor.RunProgram([]string{
		host.Files.Binary, "tx", "bank", "send", keyFaucet, to, coins.String(), "--yes", "--" + flagWait,
		"--" + flags.FlagKeyringBackend, keyring.BackendTest,
		"--" + flags.FlagOutput, flags.OutputFormatJSON,
		"--" + flags.FlagHome, given.home,
	}, host.Env, &printed, host.Signals())
	switch {
	case stopped:
		return &supervisor.ExitError{Code: supervisor.ExitSignal, Err: errors.New("stopped by a signal; the payment may still come")}
	case err != nil && said != "":
		return errors.New(strings.TrimPrefix(said, "agd: "))
	case err != nil:
		return err
	}
	var result struct {
		Height string `json:"height"`
	}
	if err := json.Unmarshal(printed.Bytes(), &result); err != nil {
		return fmt.Errorf("the result of the payment: %w", err)
	}
	return printLine(host.Stdout, fmt.Sprintf("sent %s to %s in block %s", coins, to, result.Height))
}
