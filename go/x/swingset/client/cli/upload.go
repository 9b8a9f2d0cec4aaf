package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/input"
	"github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

const (
	// chunkGasAdjustment is the default of --gas-adjustment for chunks: each
	// transaction has another size, so its gas is estimated.
	chunkGasAdjustment = "1.5"
	// blockLimit bounds the wait for a transaction to be in a block.
	blockLimit = time.Minute
	blockPoll  = 500 * time.Millisecond
)

// upload sends a bundle in chunks: the announcement, then each chunk. It waits
// until each transaction is in a block, and reports that on standard error.
func upload(cmd *cobra.Command, ctx client.Context, announced *types.MsgInstallBundle, chunks [][]byte) error {
	if !ctx.SkipConfirm {
		ask := fmt.Sprintf("send the bundle in %d chunks, with %d transactions", len(chunks), len(chunks)+1)
		agreed, err := input.GetConfirmation(ask, bufio.NewReader(cmd.InOrStdin()), cmd.ErrOrStderr())
		if err != nil || !agreed {
			return err
		}
		ctx = ctx.WithSkipConfirmation(true)
	}
	for name, value := range map[string]string{flags.FlagGas: flags.GasFlagAuto, flags.FlagGasAdjustment: chunkGasAdjustment} {
		if !cmd.Flags().Changed(name) {
			if err := cmd.Flags().Set(name, value); err != nil {
				return err
			}
		}
	}
	result, err := deliver(cmd, ctx, announced)
	if err != nil {
		return fmt.Errorf("the announcement of the chunks: %w", err)
	}
	var answer types.MsgInstallBundleResponse
	if err := answerOf(result, &answer); err != nil {
		return err
	}
	id := answer.ChunkedArtifactId
	cmd.PrintErrf("announced: the bundle has the id %d and %d chunks\n", id, len(chunks))
	for i, chunk := range chunks {
		_, err := deliver(cmd, ctx, &types.MsgSendChunk{ChunkedArtifactId: id, Submitter: announced.Submitter, ChunkIndex: uint64(i), ChunkData: chunk})
		if err != nil {
			return fmt.Errorf("chunk %d of the bundle with the id %d: %w: send the chunks from %d on with `agd tx swingset send-chunk %d %d … --%s %d`",
				i, id, err, i, id, i, flagChunkSize, len(chunks[0]))
		}
		cmd.PrintErrf("chunk %d of %d is in a block\n", i+1, len(chunks))
	}
	return nil
}

// deliver sends a transaction with one message, prints the node's answer and
// returns the result when the transaction is in a block.
func deliver(cmd *cobra.Command, ctx client.Context, msg sdk.Msg) (*abci.ExecTxResult, error) {
	var printed bytes.Buffer
	if err := tx.GenerateOrBroadcastTxCLI(ctx.WithOutput(&printed).WithOutputFormat(flags.OutputFormatJSON), cmd.Flags(), msg); err != nil {
		return nil, err
	}
	var sent sdk.TxResponse
	if err := ctx.Codec.UnmarshalJSON(printed.Bytes(), &sent); err != nil {
		return nil, err
	}
	if err := ctx.PrintProto(&sent); err != nil {
		return nil, err
	}
	if sent.Code != 0 {
		return nil, fmt.Errorf("transaction %s was refused: code %d of %s: %s", sent.TxHash, sent.Code, sent.Codespace, sent.RawLog)
	}
	result, err := inBlock(cmd.Context(), ctx, sent.TxHash)
	if err != nil {
		return nil, err
	}
	if result.Code != 0 {
		return nil, fmt.Errorf("transaction %s failed: code %d of %s: %s", sent.TxHash, result.Code, result.Codespace, result.Log)
	}
	return result, nil
}

// inBlock returns a transaction's result when it is in a block, within
// blockLimit.
func inBlock(parent context.Context, ctx client.Context, hash string) (*abci.ExecTxResult, error) {
	node, err := ctx.GetNode()
	if err != nil {
		return nil, err
	}
	id, err := hex.DecodeString(hash)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(parent, blockLimit)
	defer cancel()
	poll := time.NewTicker(blockPoll)
	defer poll.Stop()
	for {
		if found, err := node.Tx(limited, id, false); err == nil {
			return &found.TxResult, nil
		}
		select {
		case <-poll.C:
		case <-limited.Done():
			if err := parent.Err(); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("transaction %s is in no block after %v", hash, blockLimit)
		}
	}
}

// answerOf decodes the response of a transaction's only message.
func answerOf(result *abci.ExecTxResult, answer interface{ Unmarshal([]byte) error }) error {
	var data sdk.TxMsgData
	if err := data.Unmarshal(result.Data); err != nil {
		return err
	}
	if len(data.MsgResponses) != 1 {
		return errors.New("the transaction's result has not one response")
	}
	return answer.Unmarshal(data.MsgResponses[0].Value)
}
