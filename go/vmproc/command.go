package vmproc

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/mattn/go-shellwords"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// vmCommand is the command line of the VM with this entry point, in either
// mode. It refuses what node would refuse, before anything is started.
func (p Program) vmCommand(entry string, layout home.Layout, opts options.Options, logger log.Logger) ([]string, error) {
	nodeArgs, err := nodeArgsOf(entry, opts.NodeArgs, p.Env)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", options.FlagVMNodeArgs, err)
	}
	address, err := InspectAddress(opts.Inspect)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", options.FlagVMInspect, err)
	}
	if address != "" {
		nodeArgs = append(nodeArgs, "--inspect="+address)
	}
	command, err := supervisor.VMCommand(entry, nodeArgs, p.vmArgs(layout))
	if err != nil || address == "" {
		return command, err
	}
	return command, checkInspector(logger, address)
}

// nodeArgsOf splits the words of --vm-node-args, for the Node.js that runs entry.
func nodeArgsOf(entry, text string, env []string) ([]string, error) {
	parser := shellwords.NewParser()
	words, err := parser.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: expected words of a shell: a quote or a bracket has no other end", text)
	case parser.Position >= 0:
		return nil, fmt.Errorf("%s: expected words of a shell: put the one with %q in quotes", text, []rune(text)[parser.Position])
	}
	return words, supervisor.CheckNodeArgs(entry, words, env)
}

// InspectAddress returns the inspector's address for this value of
// --vm-inspect, HOST:PORT; "" for no inspector.
func InspectAddress(value string) (string, error) {
	switch value {
	case "", "false":
		return "", nil
	case "true":
		value = options.DefaultInspectPort
	}
	host, port := options.Loopback, value
	if strings.Contains(value, ":") {
		var err error
		if host, port, err = net.SplitHostPort(value); err != nil || host == "" {
			return "", fmt.Errorf("expected [HOST:]PORT, such as %s:%s: got %q", options.Loopback, options.DefaultInspectPort, value)
		}
	}
	// Node has the same bounds.
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n > 0 && n < 1024 {
		return "", fmt.Errorf("expected [HOST:]PORT, the port 0 or from 1024 to 65535: got %q", value)
	}
	return net.JoinHostPort(host, port), nil
}

// checkInspector refuses an address at which node could not listen, because
// node itself would continue without its inspector.
func checkInspector(logger log.Logger, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("--%s: %w (choose another port, or 0 for any free one)", options.FlagVMInspect, err)
	}
	if bound, ok := listener.Addr().(*net.TCPAddr); ok && !bound.IP.IsLoopback() {
		logger.Warn("the VM's inspector is not on loopback: anyone who can connect to it runs code as this user", "address", address)
	}
	return listener.Close()
}
