package node

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/internal/visible"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// Banner is what the node's report of its readiness needs of the command line.
type Banner struct {
	// Log adds no fields.
	Log log.Logger
	// Agd is this program as the user types it.
	Agd string
	// Next are the commands to type next; if empty, the node suggests some. Each
	// queries the node's RPC.
	Next []string
}

// readiness is what a node says of itself once it has made a block and its
// servers listen: a label and a text each, in order.
type readiness []struct{ label, text string }

// off is the text for a server that does not run, with the option that enables
// it.
func off(how string) string { return "off (" + how + ")" }

// announce logs, after the first block of this run, how to reach the node.
// It returns at once if the node ends before that.
func (n *Node) announce(conn *vmproc.Conn, watch *blockWatch, stop *vmproc.Stopper) {
	select {
	case height := <-watch.began:
		awaitListeners(stop.Asked.Done(), serverAddresses(n.config))
		logReady(n.svr, n.banner.Log, height, n.readiness(conn))
	case <-stop.Asked.Done():
	case <-watch.failed:
	case <-conn.Closed():
	}
}

// serverAddress is where a server listens in a goroutine of its own.
type serverAddress struct{ network, address string }

// serverAddresses returns those of the configuration, but none whose port is any
// free one.
func serverAddresses(config serverconfig.Config) []serverAddress {
	var all []serverAddress
	if config.GRPC.Enable {
		all = append(all, serverAddress{"tcp", config.GRPC.Address})
	}
	if config.API.Enable {
		network, address, _ := strings.Cut(config.API.Address, "://")
		all = append(all, serverAddress{network, address})
	}
	return slices.DeleteFunc(all, func(a serverAddress) bool { return strings.HasSuffix(a.address, ":0") })
}

// listenLimit bounds the wait for the servers: they may listen where a client of
// this machine cannot connect. listenPoll is the time between two attempts.
const listenLimit, listenPoll = 2 * time.Second, 10 * time.Millisecond

// awaitListeners returns when each of these addresses accepts connections, or stop
// is closed, or after listenLimit.
func awaitListeners(stop <-chan struct{}, addresses []serverAddress) {
	limit := time.Now().Add(listenLimit)
	for _, at := range addresses {
		for time.Now().Before(limit) {
			connection, err := net.DialTimeout(at.network, at.address, listenLimit)
			if err == nil {
				_ = connection.Close()
				break
			}
			select {
			case <-stop:
				return
			case <-time.After(listenPoll):
			}
		}
	}
}

// logReady logs one event. In plain text it is a banner of several lines,
// written by banner, a logger that adds no fields.
func logReady(svr *server.Context, banner log.Logger, height int64, facts readiness) {
	if svr.Viper.GetString(flags.FlagLogFormat) == flags.OutputFormatJSON {
		pairs := []any{"height", height}
		for _, fact := range facts {
			pairs = append(pairs, strings.ToLower(fact.label), fact.text)
		}
		svr.Logger.Info("ready", pairs...)
		return
	}
	text := fmt.Sprintf("ready: block %d is committed\n", height)
	label := ""
	for _, fact := range facts {
		if fact.label == label {
			text += fmt.Sprintf("  %-10s %s\n", "", fact.text)
		} else {
			text += fmt.Sprintf("  %-10s %s\n", fact.label, fact.text)
		}
		label = fact.label
	}
	banner.Info(strings.TrimSuffix(text, "\n"))
}

// readiness collects the description of a node.
func (n *Node) readiness(conn *vmproc.Conn) readiness {
	comet, config, dir := n.svr.Config, n.config, n.svr.Config.RootDir
	processes := fmt.Sprintf("agd with the kernel is process %d", os.Getpid())
	if conn.Mode == vmproc.ModeSplit {
		processes = fmt.Sprintf("agd is process %d, the VM with the kernel %d", os.Getpid(), conn.PID())
	}
	rest := off("--api.enable")
	if config.API.Enable {
		rest = webAddress(config.API.Address)
	}
	grpc := off("--grpc.enable")
	if config.GRPC.Enable {
		grpc = config.GRPC.Address
	}
	rpc := off("--rpc.laddr")
	if comet.RPC.ListenAddress != "" {
		rpc = webAddress(comet.RPC.ListenAddress)
	}
	names, backend := home.KeyNames(dir)
	facts := readiness{
		{"mode", string(conn.Mode) + ": " + processes},
		{"transport", conn.Transport()},
		{"jail", conn.Confined},
		{"home", visible.Text(dir)},
		{"RPC", rpc},
		{"gRPC", grpc},
		{"REST", rest},
		{"metrics", shell.Hints(listedMetrics(comet, config), otherHome(comet))},
		{"keys", shell.Hints(listed(names, backend), otherHome(comet))},
	}
	next := n.banner.nextCommands(n.client, comet, names, backend)
	if n.svr.Viper.GetString(flags.FlagLogFormat) == flags.OutputFormatJSON {
		next = []string{strings.Join(next, "; ")} // one value for each label
	} else {
		next = append(next, "Ctrl-C stops the node")
	}
	for _, command := range next {
		facts = append(facts, struct{ label, text string }{"next", command})
	}
	return facts
}

// webAddress returns an address of config.toml or app.toml in a client's
// notation.
func webAddress(listen string) string {
	return strings.ReplaceAll(listen, "tcp://", "http://")
}

// MetricsAddresses returns the URLs of the metrics for Prometheus
// (docs/monitoring.md); none if they are off.
func MetricsAddresses(comet *cmtcfg.Config, config serverconfig.Config) []string {
	var all []string
	if comet.Instrumentation.Prometheus {
		host, port, err := net.SplitHostPort(comet.Instrumentation.PrometheusListenAddr)
		if err == nil && host == "" {
			host = "localhost"
		}
		all = append(all, "http://"+net.JoinHostPort(host, port)+"/metrics")
	}
	//lint:ignore SA1019 app.toml's section telemetry is this one
	if telemetry := config.Telemetry; config.API.Enable && telemetry.Enabled && telemetry.PrometheusRetentionTime > 0 {
		all = append(all, webAddress(config.API.Address)+"/metrics?format=prometheus")
	}
	return all
}

// MetricsOff says how to enable the metrics.
var MetricsOff = off("`agd config set config instrumentation.prometheus true`, then restart the node")

func listedMetrics(comet *cmtcfg.Config, config serverconfig.Config) string {
	if all := MetricsAddresses(comet, config); len(all) > 0 {
		return strings.Join(all, ", ")
	}
	return MetricsOff
}

// maxListed bounds the number of listed keys.
const maxListed = 8

func listed(names []string, backend string) string {
	if len(names) == 0 {
		return "none that can be listed without a password: try `agd keys list`"
	}
	more := ""
	if len(names) > maxListed {
		names, more = names[:maxListed], fmt.Sprintf(" and %d more", len(names)-maxListed)
	}
	return visible.Text(strings.Join(names, ", ")) + more + " (keyring " + backend + ")"
}

// otherHome is the home that commands must name; "" if it is the default.
func otherHome(comet *cmtcfg.Config) string {
	if comet.RootDir == app.DefaultNodeHome {
		return ""
	}
	return visible.Text(comet.RootDir)
}

// nextCommands are commands that work as typed on this node.
func (banner Banner) nextCommands(ctx client.Context, comet *cmtcfg.Config, names []string, backend string) []string {
	dir, node, ring := "", "", ""
	if home := otherHome(comet); home != "" {
		dir = " --home " + shell.Quote(home)
	}
	rpc, _, _ := strings.Cut(comet.RPC.ListenAddress, ",")
	if rpc != "" && rpcPort(rpc) != rpcPort(ctx.NodeURI) {
		node = shell.Quote(visible.Text(strings.Replace(rpc, "//0.0.0.0:", "//127.0.0.1:", 1)))
	}
	if len(banner.Next) > 0 {
		return prefixed(banner.Next, node)
	}
	if ctx.Keyring == nil || ctx.Keyring.Backend() != backend {
		ring = " --keyring-backend " + backend
	}
	if node != "" {
		node = " --node " + node
	}
	commands := []string{
		banner.Agd + " status" + node + dir,
		banner.Agd + " query vstorage children published" + node + dir,
	}
	if len(names) > 0 {
		commands = append(commands, banner.Agd+" keys list"+ring+dir)
	}
	return commands
}

// prefixed returns the commands with the node's address in their environment,
// if it is not the one that they find by themselves.
func prefixed(commands []string, node string) []string {
	if node == "" {
		return commands
	}
	var all []string
	for _, command := range commands {
		all = append(all, options.EnvPrefix+"_NODE="+node+" "+command)
	}
	return all
}

func rpcPort(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
