package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

const flagAllowSpend = "allow-spend"

func walletActionCommand() *cobra.Command {
	cmd := txCommand("wallet-action ACTION|@FILE|-", "Send an action to the smart wallet of --from: JSON, or a file of it, - for standard input", cobra.ExactArgs(1),
		func(cmd *cobra.Command, from sdk.AccAddress, args []string) (sdk.Msg, error) {
			action, err := textOrFile(cmd, args[0])
			if err != nil {
				return nil, err
			}
			spend, err := cmd.Flags().GetBool(flagAllowSpend)
			if spend {
				return &types.MsgWalletSpendAction{Owner: from, SpendAction: action}, err
			}
			return &types.MsgWalletAction{Owner: from, Action: action}, err
		})
	cmd.Example = `agd tx swingset wallet-action '{"body":"#{}","slots":[]}' --from alice
agd tx swingset wallet-action @offer.json --allow-spend --from alice --wait
agd tx swingset wallet-action - --from alice --yes < offer.json`
	cmd.Flags().Bool(flagAllowSpend, false, "Allow the action to spend the wallet's assets")
	return cmd
}

func provisionCommand() *cobra.Command {
	cmd := txCommand("provision-one NICKNAME ADDRESS [FLAG,...]", "Provision an account, at the cost of --from", cobra.RangeArgs(2, 3),
		func(_ *cobra.Command, from sdk.AccAddress, args []string) (sdk.Msg, error) {
			address, err := sdk.AccAddressFromBech32(args[1])
			if err != nil {
				return nil, err
			}
			msg := &types.MsgProvision{Nickname: args[0], Address: address, Submitter: from}
			if len(args) == 3 {
				msg.PowerFlags = strings.Split(args[2], ",")
			}
			return msg, nil
		})
	cmd.Example = `agd tx swingset provision-one bob agoric1… --from alice
agd tx swingset provision-one bob bob SMART_WALLET --from alice --gas auto --gas-adjustment 1.5 --yes --wait`
	return cmd
}

func deliverCommand() *cobra.Command {
	cmd := txCommand("deliver MESSAGES|@FILE|-", "Give the kernel messages of --from: [[[number,text],…],ack], or a file of that, - for standard input", cobra.ExactArgs(1),
		func(cmd *cobra.Command, from sdk.AccAddress, args []string) (sdk.Msg, error) {
			text, err := textOrFile(cmd, args[0])
			if err != nil {
				return nil, err
			}
			return parseMessages(text, from)
		})
	cmd.Example = `agd tx swingset deliver '[[[1,"hello"]],0]' --from alice
agd tx swingset deliver @messages.json --from alice --yes --wait
agd tx swingset deliver - --from alice --yes < messages.json`
	return cmd
}

// textOrFile returns the argument itself, the content of the file that it names
// after an @, without the space around it, or for "-" and "@-" that of standard
// input.
func textOrFile(cmd *cobra.Command, arg string) (string, error) {
	name, isFile := strings.CutPrefix(arg, "@")
	if !isFile && arg != "-" {
		return arg, nil
	}
	var text []byte
	var err error
	if name == "-" {
		name = "standard input"
		text, err = io.ReadAll(cmd.InOrStdin())
	} else {
		text, err = os.ReadFile(name)
	}
	content := strings.TrimSpace(string(text))
	if err == nil && content == "" {
		err = fmt.Errorf("%s is empty", name)
	}
	return content, err
}

var errMessages = errors.New("expected MESSAGES as [[[number,text],…],ack]")

// parseMessages reads a mailbox's messages and its acknowledgement.
func parseMessages(text string, from sdk.AccAddress) (*types.MsgDeliverInbound, error) {
	msg := &types.MsgDeliverInbound{Messages: []string{}, Nums: []uint64{}, Submitter: from}
	var pairs [][]json.RawMessage
	if err := parseTuple([]byte(text), &pairs, &msg.Ack); err != nil {
		return nil, errMessages
	}
	for i, pair := range pairs {
		raw, err := json.Marshal(pair)
		if err != nil {
			return nil, err
		}
		var number uint64
		var message string
		if err := parseTuple(raw, &number, &message); err != nil {
			return nil, fmt.Errorf("message %d: %w", i, errMessages)
		}
		msg.Nums = append(msg.Nums, number)
		msg.Messages = append(msg.Messages, message)
	}
	return msg, nil
}

// parseTuple parses an array with exactly these elements, none of them null.
func parseTuple(text []byte, elements ...any) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	if len(parts) != len(elements) {
		return errMessages
	}
	for i, part := range parts {
		if bytes.Equal(part, []byte("null")) {
			return errMessages
		}
		if err := json.Unmarshal(part, elements[i]); err != nil {
			return err
		}
	}
	return nil
}
