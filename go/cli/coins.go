package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

// coinFlags are the flags that take coins. Gas prices are not among them: they
// may have fractions.
var coinFlags = []string{flags.FlagFees, "amount", "deposit", "period-limit", "spend-limit"}

var (
	fraction = regexp.MustCompile(`(?:^|,) *\d*\.\d+ *[A-Za-z]`)
	nothing  = regexp.MustCompile(`^ *0+ *[A-Za-z][^,]*$`)
)

// checkAmounts makes a command and its subcommands check the coins that they
// are given, see checkCoins.
func checkAmounts(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		checkAmounts(sub)
	}
	run := cmd.RunE
	if run == nil {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkCoins(cmd, args); err != nil {
			return err
		}
		return run(cmd, args)
	}
}

// checkCoins refuses coins that the SDK would change or report without their
// value. It cuts off fractions: 1.5uist becomes 1uist.
func checkCoins(cmd *cobra.Command, args []string) (err error) {
	for i, word := range argumentWords(cmd.Use, len(args)) {
		if !strings.Contains(word, "amount") && !strings.Contains(word, "coin") {
			continue
		}
		word, _, _ := strings.Cut(word, "]") // of "[coin][,[coin]]"
		switch text := args[i]; {
		case strings.TrimSpace(text) == "":
			return fmt.Errorf("%s: expected coins, such as 1000uist, got %q", word, text)
		case nothing.MatchString(text) && cmd.Flags().Lookup(flags.FlagBroadcastMode) != nil:
			return fmt.Errorf("%s: expected an amount above 0, got %q", word, text)
		default:
			if err := checkWhole(word, text); err != nil {
				return err
			}
		}
	}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if err == nil && slices.Contains(coinFlags, flag.Name) {
			err = checkWhole("--"+flag.Name, flag.Value.String())
		}
	})
	return err
}

func checkWhole(what, text string) error {
	if fraction.MatchString(text) {
		return fmt.Errorf("%s: expected whole numbers of the denomination, such as 1500000uist, got %q", what, text)
	}
	return nil
}
