package cli

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

func TestCoinsThatTheSDKWouldChangeAreRefused(t *testing.T) {
	send := func(args ...string) error {
		cmd := &cobra.Command{Use: "send [from_key_or_address] [to_address] [amount]"}
		cmd.Flags().String(flags.FlagBroadcastMode, "", "")
		cmd.Flags().String(flags.FlagFees, "", "")
		cmd.Flags().String(flags.FlagGasPrices, "", "")
		cmd.Flags().String(flags.FlagNote, "", "")
		require.NoError(t, cmd.ParseFlags(args))
		return checkCoins(cmd, cmd.Flags().Args())
	}
	for _, good := range [][]string{
		{"alice", "bob", "1uist"},
		{"alice", "bob", "1uist,20ibc/0123456789ABCDEF"},
		{"alice", "bob", "1uist", "--gas-prices", "0.5uist", "--note", "1.5uist"},
		{"alice", "1.5uist", "1uist"},
	} {
		require.NoError(t, send(good...), good)
	}
	whole := "expected whole numbers of the denomination, such as 1500000uist, got "
	for wrong, args := range map[string][]string{
		"amount: " + whole + `"1.5uist"`:                   {"alice", "bob", "1.5uist"},
		"amount: " + whole + `"1uist,.5ubld"`:              {"alice", "bob", "1uist,.5ubld"},
		"--fees: " + whole + `"0.5uist"`:                   {"alice", "bob", "1uist", "--fees", "0.5uist"},
		`amount: expected an amount above 0, got "0uist"`:  {"alice", "bob", "0uist"},
		`amount: expected coins, such as 1000uist, got ""`: {"alice", "bob", ""},
	} {
		require.EqualError(t, send(args...), wrong)
	}
	list := &cobra.Command{Use: "multi-send [from_key_or_address] [to_address_1 to_address_2 ...] [amount]"}
	require.EqualError(t, checkCoins(list, []string{"a", "b", "c", "d", "2.5uist"}), "amount: "+whole+`"2.5uist"`)
}
