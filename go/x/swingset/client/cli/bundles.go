package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

const (
	flagCompress  = "compress"
	flagChunkSize = "chunk-size"
	flagAnnounce  = "announce"
)

func installBundleCommand() *cobra.Command {
	cmd := txCommand("install-bundle BUNDLE|@FILE|-", "Give the kernel a bundle: JSON, or a file of it, - for standard input", cobra.ExactArgs(1), nil)
	cmd.RunE = installBundle
	cmd.Example = `agd tx swingset install-bundle @bundle.json --from alice --gas auto --gas-adjustment 1.5 --yes --wait
agd tx swingset install-bundle @bundle.json --compress=false --from alice --gas auto --gas-adjustment 1.5
agd tx swingset install-bundle - --from alice --gas auto --gas-adjustment 1.5 --yes < bundle.json
agd tx swingset install-bundle @bundle.json --chunk-size 100000 --from alice --yes`
	cmd.Long = cmd.Short + `.

A bundle that is larger, as it is sent, than the chain's parameter
chunk_size_limit_bytes is sent in chunks of this size, with --chunk-size in
chunks of another size, and with --chunk-size 0 always in one transaction. The
first transaction announces the chunks; then each chunk has a transaction of its
own. agd waits until each is in a block. Unless --gas is given, it is "auto",
adjusted by ` + chunkGasAdjustment + `.

With --announce, --generate-only or --offline only the announcement is made: its
event chunked_artifact has the id for "agd tx swingset send-chunk", which sends
one chunk. --generate-only and --offline announce only with --chunk-size.`
	addBundleFlags(cmd)
	cmd.Flags().Int(flagChunkSize, 0, "Send a bundle that has more than this many bytes in chunks (default: the chain's chunk_size_limit_bytes)")
	cmd.Flags().Bool(flagAnnounce, false, "Only announce the chunks")
	return cmd
}

func installBundle(cmd *cobra.Command, args []string) error {
	ctx, err := client.GetClientTxContext(cmd)
	if err != nil {
		return err
	}
	msg, err := bundleOf(cmd, ctx.GetFromAddress(), args[0])
	if err != nil {
		return err
	}
	announce, err := cmd.Flags().GetBool(flagAnnounce)
	if err != nil {
		return err
	}
	// Without a node there is no id for the chunks.
	alone := announce || ctx.GenerateOnly || ctx.Offline || ctx.IsAux || ctx.Simulate
	size, err := chunkSizeOf(cmd, ctx)
	if err != nil {
		return err
	}
	if msg.SentBytes() <= size {
		if announce {
			return fmt.Errorf("--%s: the bundle has %d bytes and is sent without chunks: set --%s to less", flagAnnounce, msg.SentBytes(), flagChunkSize)
		}
		return tx.GenerateOrBroadcastTxCLI(ctx, cmd.Flags(), msg)
	}
	announced, chunks := msg.InChunks(size)
	if alone {
		return tx.GenerateOrBroadcastTxCLI(ctx, cmd.Flags(), announced)
	}
	return upload(cmd, ctx, announced, chunks)
}

// chunkSizeOf returns the most bytes of a bundle that is sent at once, and of
// each chunk.
func chunkSizeOf(cmd *cobra.Command, ctx client.Context) (int, error) {
	size, err := cmd.Flags().GetInt(flagChunkSize)
	switch {
	case err != nil:
		return 0, err
	case size < 0:
		return 0, fmt.Errorf("--%s is %d: expected a number of bytes, or 0", flagChunkSize, size)
	case size > 0:
		return size, nil
	case cmd.Flags().Changed(flagChunkSize), ctx.GenerateOnly, ctx.Offline, ctx.IsAux:
		return math.MaxInt, nil
	}
	answer, err := types.NewQueryClient(ctx).Params(cmd.Context(), &types.QueryParamsRequest{})
	if err != nil {
		return 0, err
	}
	return int(answer.Params.Completed().ChunkSizeLimitBytes), nil
}

func sendChunkCommand() *cobra.Command {
	cmd := txCommand("send-chunk ID INDEX BUNDLE|@FILE|-", "Send a chunk of a bundle that install-bundle has announced", cobra.ExactArgs(3),
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
			size, err := cmd.Flags().GetInt(flagChunkSize)
			if err != nil {
				return nil, err
			}
			if size <= 0 {
				return nil, fmt.Errorf("--%s must be positive: %d", flagChunkSize, size)
			}
			_, chunks := msg.InChunks(size)
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
	addBundleFlags(cmd)
	cmd.Flags().Int(flagChunkSize, types.DefaultChunkSize, "The size of the chunks, in bytes")
	return cmd
}

func addBundleFlags(cmd *cobra.Command) {
	cmd.Flags().Bool(flagCompress, true, "Send the bundle compressed")
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
