package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	flagWait        = "wait"
	flagWaitTimeout = "wait-timeout"

	defaultWait = time.Minute
	// waitPoll is the interval of queries for the transaction, in addition to its
	// event: the node may restart, or index the transaction after the event.
	waitPoll = 500 * time.Millisecond
)

// noBlockError reports that a transaction was in no block in time.
type noBlockError struct {
	hash  []byte
	limit time.Duration
	last  error
	// option is the flag of the limit.
	option string
}

func (e *noBlockError) Error() string {
	why := ""
	if e.last != nil && !strings.Contains(e.last.Error(), "not found") {
		why = fmt.Sprintf(" (%v)", e.last)
	}
	return fmt.Sprintf("transaction %X is in no block after %v%s: it may still come: look with `agd query tx %X`, or raise --%s",
		e.hash, e.limit, why, e.hash, e.option)
}

// waitForTransactions adds --wait to every command that sends a transaction.
func waitForTransactions(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		waitForTransactions(sub)
	}
	run := cmd.RunE
	if run == nil || cmd.Flags().Lookup(flags.FlagBroadcastMode) == nil {
		return
	}
	cmd.Flags().Bool(flagWait, false, "Wait until the transaction is in a block, and print its result; the exit code is 1 if it failed, 2 if it is in no block in time")
	cmd.Flags().Duration(flagWaitTimeout, defaultWait, "Longest time to wait with --"+flagWait)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		wait, err := cmd.Flags().GetBool(flagWait)
		if err != nil || !wait {
			return errors.Join(err, run(cmd, args))
		}
		limit, err := cmd.Flags().GetDuration(flagWaitTimeout)
		if err != nil {
			return err
		}
		if limit <= 0 {
			return fmt.Errorf("--%s is %v: expected a time above 0, such as 30s", flagWaitTimeout, limit)
		}
		return runAndWait(cmd, args, run, limit)
	}
}

// runAndWait runs a command. It passes on the command's output up to the
// broadcast, and prints the transaction's result in place of the rest.
func runAndWait(cmd *cobra.Command, args []string, run func(*cobra.Command, []string) error, limit time.Duration) error {
	ctx, err := clientContext(cmd)
	if err != nil {
		return err
	}
	if ctx.Client == nil {
		return run(cmd, args)
	}
	out := ctx.Output
	if out == nil {
		out = cmd.OutOrStdout()
	}
	waiting := &waitingClient{CometRPC: ctx.Client, gate: &gate{Writer: out}}
	defer waiting.close()
	waiting.open(ctx.NodeURI)
	cmd.SetOut(waiting.gate)
	if err := client.SetCmdClientContext(cmd, ctx.WithClient(waiting).WithOutput(waiting.gate)); err != nil {
		return err
	}
	if err := run(cmd, args); err != nil || waiting.sent == nil {
		return err
	}
	if sent := waiting.sent; sent.Code != 0 {
		return fmt.Errorf("transaction %X was refused: code %d of %s: %s", []byte(sent.Hash), sent.Code, sent.Codespace, sent.Log)
	}
	result, err := waiting.result(cmd.Context(), limit)
	if err != nil {
		return err
	}
	if err := ctx.WithOutput(out).PrintProto(result); err != nil {
		return err
	}
	if result.Code != 0 {
		return fmt.Errorf("transaction %s failed in block %d: code %d of %s: %s", result.TxHash, result.Height, result.Code, result.Codespace, result.RawLog)
	}
	return nil
}

// gate is an output that drops everything once it is closed.
type gate struct {
	io.Writer
	closed bool
}

// Write implements io.Writer.
func (g *gate) Write(text []byte) (int, error) {
	if g.closed {
		return len(text), nil
	}
	return g.Writer.Write(text)
}

// waitingClient is a client of a node's RPC that records the transaction that
// it has sent, and its result. It is for one goroutine.
type waitingClient struct {
	client.CometRPC
	gate *gate
	// sent is the answer to the broadcast.
	sent *coretypes.ResultBroadcastTx
	// socket is nil if the node has no websocket; then there are no events.
	socket *rpchttp.HTTP
	events <-chan coretypes.ResultEvent
}

// open connects to the node's websocket, if there is one.
func (c *waitingClient) open(node string) {
	socket, err := rpchttp.New(node, "/websocket")
	if err != nil || socket.Start() != nil {
		return
	}
	c.socket = socket
}

func (c *waitingClient) close() {
	if c.socket != nil {
		_ = c.socket.Stop()
	}
}

// listen subscribes to the transaction's event. It does so before the
// broadcast, so that the event cannot be missed.
func (c *waitingClient) listen(ctx context.Context, tx cmttypes.Tx) {
	if c.socket == nil {
		return
	}
	query := fmt.Sprintf("%s='%s' AND %s='%X'", cmttypes.EventTypeKey, cmttypes.EventTx, cmttypes.TxHashKey, tx.Hash())
	c.events, _ = c.socket.Subscribe(ctx, "agd", query)
}

// BroadcastTxSync implements rpcclient.ABCIClient.
func (c *waitingClient) BroadcastTxSync(ctx context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	c.listen(ctx, tx)
	result, err := c.CometRPC.BroadcastTxSync(ctx, tx)
	return c.note(tx, result, err)
}

// BroadcastTxAsync implements rpcclient.ABCIClient.
func (c *waitingClient) BroadcastTxAsync(ctx context.Context, tx cmttypes.Tx) (*coretypes.ResultBroadcastTx, error) {
	c.listen(ctx, tx)
	result, err := c.CometRPC.BroadcastTxAsync(ctx, tx)
	return c.note(tx, result, err)
}

func (c *waitingClient) note(tx cmttypes.Tx, result *coretypes.ResultBroadcastTx, err error) (*coretypes.ResultBroadcastTx, error) {
	if err == nil && result != nil {
		sent := *result
		sent.Hash = tx.Hash()
		c.sent, c.gate.closed = &sent, sent.Code == 0
	}
	return result, err
}

// result returns when the sent transaction is in a block, or after limit.
func (c *waitingClient) result(ctx context.Context, limit time.Duration) (*sdk.TxResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	poll := time.NewTicker(waitPoll)
	defer poll.Stop()
	hash := []byte(c.sent.Hash)
	var last error
	for {
		select {
		case event, open := <-c.events:
			if !open {
				c.events = nil
			} else if tx, is := event.Data.(cmttypes.EventDataTx); is {
				return txResponse(hash, tx.Height, tx.Result), nil
			}
		case <-poll.C:
			found, err := c.Tx(ctx, hash, false)
			if err == nil {
				return txResponse(hash, found.Height, found.TxResult), nil
			}
			if ctx.Err() == nil {
				last = err
			}
		case <-ctx.Done():
			return nil, &noBlockError{hash, limit, last, flagWaitTimeout}
		}
	}
}

// txResponse is the result of a transaction in a block as the SDK prints it.
func txResponse(hash []byte, height int64, result abci.ExecTxResult) *sdk.TxResponse {
	logs, _ := sdk.ParseABCILogs(result.Log)
	return &sdk.TxResponse{
		Height: height, TxHash: strings.ToUpper(hex.EncodeToString(hash)),
		Codespace: result.Codespace, Code: result.Code, Data: strings.ToUpper(hex.EncodeToString(result.Data)),
		RawLog: result.Log, Logs: logs, Info: result.Info,
		GasWanted: result.GasWanted, GasUsed: result.GasUsed, Events: result.Events,
	}
}
