package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/top"
)

// topOptions are the flags of `agd top`.
type topOptions struct {
	once, json bool
	interval   time.Duration
}

// topCommand watches a running node. It writes no file in any home.
func topCommand(host Host) *cobra.Command {
	var given topOptions
	cmd := &cobra.Command{
		Use:   "top",
		Short: "Watch a running node: blocks, calls between chain and kernel, processes",
		Long: `Watch the node that runs on a home directory, in either mode: height and block
time, the block actions and their durations, the call that runs now, downcalls a
second, queues, and CPU and memory of agd, the kernel and each worker.

It needs no colours and 80 columns, and works over SSH. q quits. Calls and
queues come from the node's metrics, which must be enabled:

  agd config set config instrumentation.prometheus true

Exit codes: 0 quit, or stopped by a signal, 1 no node runs on the home.`,
		Example: "agd top\nagd top --home ~/.agd-devnet --interval 5s\nagd top --once --json",
		Args:    noArguments,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return host.top(cmd, given) },
	}
	cmd.Flags().BoolVar(&given.once, "once", false, "Print one view, of one interval, and end")
	cmd.Flags().BoolVar(&given.json, "json", false, "Print each view as a line of JSON")
	cmd.Flags().DurationVar(&given.interval, "interval", 2*time.Second, "Time between two views")
	endWithSignal(cmd, host)
	return cmd
}

func (host Host) top(cmd *cobra.Command, given topOptions) error {
	if given.interval < 100*time.Millisecond {
		return fmt.Errorf("--interval must be at least 100ms, not %s", given.interval)
	}
	out := cmd.OutOrStdout()
	terminal := false
	if file, ok := out.(*os.File); ok {
		terminal = term.IsTerminal(int(file.Fd()))
	}
	if !terminal && !given.once && !given.json {
		return errors.New("standard output is no terminal: add --once, or --json for a line in each interval")
	}
	dir, err := options.HomeOf(cmd, host.Env)
	if err != nil {
		return err
	}
	if dir == app.DefaultNodeHome && home.Holder(dir) == 0 {
		for _, other := range []string{devnetHome(false), devnetHome(true)} {
			if home.Holder(other) != 0 {
				return fmt.Errorf("no node runs on %q, but one does on %q: add --home %s", dir, other, shell.Quote(other))
			}
		}
	}
	if has, err := home.Exists(dir); err != nil || !has {
		return errors.Join(err, fmt.Errorf("%q is no home directory: %s", dir, chooseHome(dir, "--home")))
	}
	pid := home.Holder(dir)
	if pid == 0 {
		return fmt.Errorf("no node runs on %q: start it with %s", dir, shell.Hints("`agd start`", otherHome(cmd)))
	}
	env, err := environmentOf(pid)
	if err != nil {
		return err
	}
	svr, err := readOnlyOptions(cmd, dir, env)
	if err != nil {
		return err
	}
	sources, err := sourcesOf(svr, dir)
	if err != nil {
		return err
	}
	observer := top.NewObserver(dir, sources)
	if given.once || given.json {
		return given.print(cmd.Context(), out, observer)
	}
	return top.Screen(cmd.Context(), observer, given.interval)
}

// environmentOf returns the environment of a running node, with its flags as
// variables: a node may listen elsewhere than its files say.
func environmentOf(pid int) ([]string, error) {
	args, env, err := top.Invocation(pid)
	if err != nil {
		return nil, err
	}
	for i, arg := range args {
		flag, is := strings.CutPrefix(arg, "--")
		if !is || flag == "" {
			continue
		}
		name, value, given := strings.Cut(flag, "=")
		switch {
		case given:
		case i+1 < len(args) && !strings.HasPrefix(args[i+1], "-"):
			value = args[i+1]
		default:
			value = "true"
		}
		env = append(env, options.EnvOf(name)+"="+value)
	}
	return env, nil
}

// print prints views, the first one after an interval.
func (given topOptions) print(ctx context.Context, out io.Writer, observer *top.Observer) error {
	observer.Observe(ctx)
	ticks := time.NewTicker(given.interval)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
		view := observer.Observe(ctx)
		var err error
		if given.json {
			err = json.NewEncoder(out).Encode(view)
		} else {
			_, err = io.WriteString(out, top.Render(view, 0, 0))
		}
		if err != nil || given.once {
			return err
		}
	}
}

// sourcesOf returns where a home's node can be observed.
func sourcesOf(svr *server.Context, dir string) (top.Sources, error) {
	config, err := serverconfig.GetConfig(svr.Viper)
	if err != nil {
		return top.Sources{}, err
	}
	listen := svr.Config.RPC.ListenAddress
	sources := top.Sources{
		Holder: func() int { return home.Holder(dir) },
		Status: func(ctx context.Context) (top.Status, error) {
			var status syncInfo
			var network struct {
				Peers int `json:"n_peers,string"`
			}
			err := askNode(ctx, listen, "/status", &status)
			var info struct {
				Response struct {
					Height int64 `json:"last_block_height,string"`
				} `json:"response"`
			}
			if err == nil {
				err = askNode(ctx, listen, "/abci_info", &info)
			}
			if err == nil {
				err = askNode(ctx, listen, "/net_info", &network)
			}
			sync := status.SyncInfo
			return top.Status{Height: sync.Height, Completed: info.Response.Height, BlockTime: sync.Time, CatchingUp: sync.CatchingUp, Peers: network.Peers}, err
		},
		NoMetrics: shell.Hints("calls and queues: metrics are "+node.MetricsOff, dir),
		Processes: top.Processes,
		Now:       time.Now,
	}
	if urls := node.MetricsAddresses(svr.Config, config); len(urls) > 0 {
		sources.Metrics = func(ctx context.Context) (top.Metrics, error) {
			ctx, cancel := context.WithTimeout(ctx, statusLimit)
			defer cancel()
			return top.Scrape(ctx, urls[0])
		}
	}
	return sources, nil
}
