package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

const (
	flagAllowSpend = "allow-spend"
	flagCompress   = "compress"
	flagChunkSize  = "chunk-size"
)

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

func installBundleCommand() *cobra.Command {
	cmd := txCommand("install-bundle BUNDLE|@FILE|-", "Give the kernel a bundle: JSON, or a file of it, - for standard input", cobra.ExactArgs(1),
		func(cmd *cobra.Command, from sdk.AccAddress, args []string) (sdk.Msg, error) {
			msg, err := bundleOf(cmd, from, args[0])
			if err != nil || !cmd.Flags().Changed(flagChunkSize) {
				return msg, err
			}
			msg, _, err = inChunks(cmd, msg)
			return msg, err
		})
	cmd.Example = `agd tx swingset install-bundle @bundle.json --from alice --gas auto --gas-adjustment 1.5 --yes --wait
agd tx swingset install-bundle @bundle.json --compress=false --from alice --gas auto --gas-adjustment 1.5
agd tx swingset install-bundle - --from alice --gas auto --gas-adjustment 1.5 --yes < bundle.json
agd tx swingset install-bundle @bundle.json --chunk-size 490000 --from alice --yes --wait`
	cmd.Long = cmd.Short + `.

With --chunk-size the transaction only announces the chunks of the bundle. The
event chunked_artifact has the id for "agd tx swingset send-chunk", which sends
each chunk.`
	addBundleFlags(cmd, "Announce the bundle in chunks of this many bytes")
	return cmd
}

func sendChunkCommand() *cobra.Command {
	cmd := txCommand("send-chunk ID INDEX BUNDLE|@FILE|-", "Send a chunk of a bundle that install-bundle --chunk-size has announced", cobra.ExactArgs(3),
		func(cmd *cobra.Command, from sdk.AccAddress, args []string) (sdk.Msg, error) {
			var numbers [2]uint64
			for i, name := range []string{"ID", "INDEX"} {
				number, err := strconv.ParseUint(args[i], 10, 64)
				if err != nil {
					return nil, fmt.Errorf("%s: expected a number: %q", name, args[i])
				}
				numbers[i] = number
			}
			msg, err := bundleOf(cmd, from, args[2])
			if err != nil {
				return nil, err
			}
			_, chunks, err := inChunks(cmd, msg)
			if err != nil {
				return nil, err
			}
			if numbers[1] >= uint64(len(chunks)) {
				return nil, fmt.Errorf("INDEX: the bundle has the chunks 0 to %d: %d", len(chunks)-1, numbers[1])
			}
			return &types.MsgSendChunk{ChunkedArtifactId: numbers[0], Submitter: from, ChunkIndex: numbers[1], ChunkData: chunks[numbers[1]]}, nil
		})
	cmd.Long = cmd.Short + `.

BUNDLE, --chunk-size and --compress must be as in install-bundle. With the last
missing chunk the kernel gets the bundle. "agd query swingset
chunked-artifact-status ID" shows which chunks are missing.`
	cmd.Example = "agd tx swingset send-chunk 1 0 @bundle.json --from alice --gas auto --gas-adjustment 1.5 --yes --wait"
	addBundleFlags(cmd, "The size of the chunks, in bytes")
	return cmd
}

func addBundleFlags(cmd *cobra.Command, chunkSize string) {
	cmd.Flags().Bool(flagCompress, true, "Send the bundle compressed")
	cmd.Flags().Int(flagChunkSize, types.DefaultChunkSize, chunkSize)
}

// bundleOf returns the message with a bundle, compressed if the flag says so.
func bundleOf(cmd *cobra.Command, from sdk.AccAddress, arg string) (*types.MsgInstallBundle, error) {
	bundle, err := textOrFile(cmd, arg)
	if err != nil {
		return nil, err
	}
	if !types.IsBundle(bundle) {
		return nil, errors.New("the bundle is not a JSON object")
	}
	msg := &types.MsgInstallBundle{Bundle: bundle, Submitter: from}
	if compress, err := cmd.Flags().GetBool(flagCompress); err != nil || !compress {
		return msg, err
	}
	return msg.Compressed()
}

func inChunks(cmd *cobra.Command, msg *types.MsgInstallBundle) (*types.MsgInstallBundle, [][]byte, error) {
	size, err := cmd.Flags().GetInt(flagChunkSize)
	if err != nil {
		return nil, nil, err
	}
	if size <= 0 {
		return nil, nil, fmt.Errorf("--%s must be positive: %d", flagChunkSize, size)
	}
	announced, chunks := msg.InChunks(size)
	return announced, chunks, nil
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
