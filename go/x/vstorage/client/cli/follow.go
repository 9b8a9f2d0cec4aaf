package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/client/pretty"
)

func followCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "follow <path>",
		Short: "Print the data at a path now, and whenever a block changes them",
		Long: `Print the data at a path now, and whenever a block changes them, until Ctrl-C.

agd subscribes to the node's new blocks. If the node goes away, agd says so on
standard error and waits until it answers again; it then prints the changes of
the blocks in between, as far as the node keeps their state.

With --output json each change is one line: {"height":"12","value":"..."}, with
null for a path that has no data.

Exit codes: 0 ended by a signal, 1 the node did not answer at the start.`,
		Example: "agd query vstorage follow published.bank.agoric1… --pretty",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, err := client.GetClientQueryContext(cmd)
			if err != nil {
				return err
			}
			shown, err := cmd.Flags().GetBool(flagPretty)
			if err != nil {
				return err
			}
			f := follower{
				path: args[0],
				data: func(height int64) (string, int64, error) { return dataAt(ctx.WithHeight(0), args[0], height) },
				blocks: func() (<-chan struct{}, func(), error) {
					return newBlocks(cmd.Context(), ctx.NodeURI)
				},
				show:   func(c change) error { return c.print(cmd.OutOrStdout(), shown, ctx.OutputFormat) },
				remark: func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "agd:", text) },
				look:   lookInterval,
			}
			return f.run(cmd.Context())
		},
	}
	addPretty(cmd)
	flags.AddQueryFlagsToCmd(cmd)
	_ = cmd.Flags().MarkHidden(flags.FlagHeight)
	return cmd
}

// lookInterval is the polling interval without events of new blocks.
const lookInterval = 2 * time.Second

// maxGap bounds the missed blocks that agd reads afterwards.
const maxGap = 1000

// change is the value of a path since a height.
type change struct {
	height int64
	// value is nil for no data.
	value *string
}

func (c change) same(other change) bool {
	if c.value == nil || other.value == nil {
		return c.value == other.value
	}
	return *c.value == *other.value
}

// print writes the change in the format of the command's options.
func (c change) print(out io.Writer, shown bool, format string) error {
	height := strconv.FormatInt(c.height, 10)
	var text string
	switch {
	case shown && c.value != nil:
		text = pretty.Value(*c.value)
		if !strings.HasPrefix(text, "block ") {
			text = "height " + height + ":\n  " + strings.ReplaceAll(text, "\n", "\n  ")
		}
	case format == flags.OutputFormatJSON && !shown:
		line, err := vm.Marshal(struct {
			Height string  `json:"height"`
			Value  *string `json:"value"`
		}{height, c.value})
		if err != nil {
			return err
		}
		text = string(line)
	case c.value == nil:
		text = "height " + height + ": no data"
	default:
		text = "height " + height + ": " + *c.value
	}
	_, err := fmt.Fprintln(out, text)
	return err
}

// follower follows a path. Its fields connect it to the node and the command.
type follower struct {
	path string
	// data returns the data after a height, 0 for the latest, and that height.
	data func(height int64) (string, int64, error)
	// blocks returns a channel of new blocks, which may miss some, and its end.
	blocks func() (<-chan struct{}, func(), error)
	show   func(change) error
	remark func(string)
	// look is the polling interval without a new block.
	look time.Duration

	last change
	// away reports that the node does not answer.
	away bool
}

// run returns nil when ctx is done, or an error if the node does not answer at
// the start, or the output fails.
func (f *follower) run(ctx context.Context) error {
	first, err := f.at(ctx, 0)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	f.last = first
	if err := f.show(first); err != nil {
		return err
	}
	blocks, stop := f.subscribe()
	defer func() { stop() }()
	tick := time.NewTicker(f.look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-blocks:
		case <-tick.C:
		}
		latest, err := f.at(ctx, 0)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !f.away:
			f.away = true
			f.remark("the node does not answer: waiting for it: " + err.Error())
		case err == nil && f.away:
			f.away = false
			f.remark("the node answers again, at height " + strconv.FormatInt(latest.height, 10))
			stop()
			blocks, stop = f.subscribe()
		}
		if err == nil {
			if err := f.catchUp(ctx, latest); err != nil {
				return err
			}
		}
	}
}

// subscribe returns no channel if the node has no websocket; the follower then
// polls.
func (f *follower) subscribe() (<-chan struct{}, func()) {
	blocks, stop, err := f.blocks()
	if err != nil {
		f.remark(fmt.Sprintf("no subscription to new blocks: looking every %v instead: %v", f.look, err))
		return nil, func() {}
	}
	return blocks, stop
}

// catchUp shows the changes up to the latest height.
func (f *follower) catchUp(ctx context.Context, latest change) error {
	for height := max(f.last.height+1, latest.height-maxGap); height < latest.height; height++ {
		between, err := f.at(ctx, height)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			continue // the node no longer keeps that state
		}
		if err := f.note(between); err != nil {
			return err
		}
	}
	return f.note(latest)
}

func (f *follower) note(now change) error {
	changed := !now.same(f.last)
	f.last = now
	if changed {
		return f.show(now)
	}
	return nil
}

// at returns the value of the path after a height. It returns when ctx is done.
func (f *follower) at(ctx context.Context, height int64) (change, error) {
	type answer struct {
		change change
		err    error
	}
	answered := make(chan answer, 1)
	go func() {
		value, at, err := f.data(height)
		var none *NoDataError
		switch {
		case errors.As(err, &none):
			answered <- answer{change: change{height: at}}
		case err != nil:
			answered <- answer{err: err}
		default:
			answered <- answer{change: change{at, &value}}
		}
	}()
	select {
	case a := <-answered:
		return a.change, a.err
	case <-ctx.Done():
		return change{}, ctx.Err()
	}
}

// newBlocks subscribes to the new blocks of a node.
func newBlocks(ctx context.Context, node string) (<-chan struct{}, func(), error) {
	socket, err := rpchttp.New(node, "/websocket")
	if err != nil {
		return nil, nil, err
	}
	if err := socket.Start(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := func() {
		cancel()
		_ = socket.Stop()
	}
	events, err := socket.Subscribe(ctx, "agd", cmttypes.EventQueryNewBlockHeader.String())
	if err != nil {
		stop()
		return nil, nil, err
	}
	blocks := make(chan struct{}, 1)
	go func() {
		for {
			select {
			case <-events:
				select {
				case blocks <- struct{}{}:
				default: // the follower has not yet looked after the one before
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return blocks, stop, nil
}
