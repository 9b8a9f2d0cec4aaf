package node

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	cmtcfg "github.com/cometbft/cometbft/config"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/sockets"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// optionPrometheus is an option of config.toml that has no flag.
const optionPrometheus = "instrumentation.prometheus_listen_addr"

// address is an option with an address at which the node listens.
type address struct {
	option, value string
	form          addressForm
	// taken is an address at which this process already listens, so its use is not
	// an error.
	taken bool
}

// addressForm is the form of an option's address. The server that listens there
// accepts no other form.
type addressForm int

const (
	// schemed is tcp://HOST:PORT or unix://PATH.
	schemed addressForm = iota
	// maybeSchemed is schemed, or HOST:PORT alone.
	maybeSchemed
	// tcpOnly is HOST:PORT or tcp://HOST:PORT, with a host.
	tcpOnly
	// plain is HOST:PORT.
	plain
)

func (f addressForm) String() string {
	return [...]string{
		schemed:      "tcp://HOST:PORT or unix://PATH",
		maybeSchemed: "tcp://HOST:PORT, unix://PATH or HOST:PORT",
		tcpOnly:      "tcp://HOST:PORT, with a host (0.0.0.0 for every one)",
		plain:        "HOST:PORT, without a scheme",
	}[f]
}

// addressesOf returns all addresses of a node with these options. The
// inspector's is taken if Node.js is this process.
func addressesOf(comet *cmtcfg.Config, config serverconfig.Config, inspector address, env []string) []address {
	var all []address
	add := func(enabled bool, option, value string, form addressForm) {
		if enabled {
			all = append(all, address{option: option, value: value, form: form})
		}
	}
	if inspector.value != "" {
		all = append(all, inspector)
	}
	for value := range strings.SplitSeq(comet.RPC.ListenAddress, ",") {
		add(comet.RPC.ListenAddress != "", "rpc.laddr", strings.Trim(value, " "), schemed)
	}
	add(!comet.P2P.LibP2PEnabled(), "p2p.laddr", comet.P2P.ListenAddress, tcpOnly)
	add(comet.RPC.ListenAddress != "" && comet.RPC.GRPCListenAddress != "", "rpc.grpc_laddr", comet.RPC.GRPCListenAddress, schemed)
	add(comet.RPC.IsPprofEnabled(), "rpc.pprof_laddr", comet.RPC.PprofListenAddress, plain)
	add(comet.Instrumentation.IsPrometheusEnabled(), optionPrometheus, comet.Instrumentation.PrometheusListenAddr, plain)
	add(comet.PrivValidatorListenAddr != "", "priv_validator_laddr", comet.PrivValidatorListenAddr, maybeSchemed)
	add(config.GRPC.Enable, "grpc.address", config.GRPC.Address, plain)
	add(config.API.Enable, "api.address", config.API.Address, schemed)
	if port := environ.Get(env, vmproc.EnvMetricsPort); port != "" {
		add(true, vmproc.EnvMetricsPort, net.JoinHostPort(environ.Get(env, vmproc.EnvMetricsHost), port), plain)
	}
	return all
}

// inspectorOf returns the address of --vm-inspect, "" for none. If Node.js
// hosts agd, it already listens there.
func inspectorOf(opts options.Options, hosted bool) (address, error) {
	at, err := vmproc.InspectAddress(opts.Inspect)
	if err != nil {
		return address{}, fmt.Errorf("--%s: %w", options.FlagVMInspect, err)
	}
	return address{option: "--" + options.FlagVMInspect, value: at, form: plain, taken: hosted}, nil
}

// checkAddresses listens at all addresses at once, and stops before it returns.
// So it finds an address that is malformed, in use, given twice, or not this
// machine's before the kernel boots, and the error names the option. It names all
// that are in use.
func checkAddresses(all []address) error {
	bound := map[string]net.Addr{}
	var listeners []net.Listener
	var inUse []addressInUse
	defer func() {
		for _, listener := range listeners {
			_ = listener.Close()
		}
	}()
	for _, a := range all {
		network, at, err := a.parse()
		if err != nil {
			return fmt.Errorf("%s: %w", a.option, err)
		}
		if network == "unix" {
			if err := freeUnless(listeners, at); err != nil {
				return fmt.Errorf("%s: %w", a.option, err)
			}
		}
		if a.taken {
			if resolved, err := net.ResolveTCPAddr(network, at); err == nil {
				bound[a.option] = resolved
			}
			continue
		}
		listener, err := net.Listen(network, at)
		if err != nil {
			users, holder := usersOf(at, bound), ""
			if len(users) == 0 {
				holder = holderAt(at)
			}
			refused := fmt.Errorf("%s: %w (%s)", a.option, err, a.remedy(err, users, holder))
			if !errors.Is(err, syscall.EADDRINUSE) {
				return refused
			}
			inUse = append(inUse, addressInUse{address: a, at: at, holder: holder, text: refused.Error()})
			continue
		}
		listeners = append(listeners, listener)
		bound[a.option] = listener.Addr()
	}
	return refuseInUse(inUse)
}

// addressInUse is an address at which a process listens already.
type addressInUse struct {
	address
	// at is its part without the scheme.
	at string
	// holder is the process, if it can be found; "" for this one, which listens
	// there for another option.
	holder string
	// text is the error of this address alone.
	text string
}

// refuseInUse returns one error for all addresses in use. If another process,
// most often another node, holds all of them, it names it once.
func refuseInUse(all []addressInUse) error {
	if len(all) == 0 {
		return nil
	}
	texts, places, variables := []string{}, []string{}, []string{}
	oneHolder := len(all) > 1
	for _, a := range all {
		texts = append(texts, a.text)
		places = append(places, a.option+" "+a.at)
		variables = append(variables, a.variable())
		oneHolder = oneHolder && a.holder != "" && a.holder == all[0].holder
	}
	if !oneHolder {
		return errors.New(strings.Join(texts, "; "))
	}
	return fmt.Errorf("%s listens at this node's addresses: %s: stop it, or choose others with %s",
		all[0].holder, strings.Join(places, ", "), strings.Join(variables, ", "))
}

// CheckNewHome checks the addresses of a home that is about to be made with
// these settings and started with this environment, whose variables prevail.
func CheckNewHome(comet *cmtcfg.Config, config serverconfig.Config, env []string) error {
	text := func(value *string, option string) { *value = cmp.Or(environ.Get(env, options.EnvOf(option)), *value) }
	enabled := func(value *bool, option string) {
		if given, err := strconv.ParseBool(environ.Get(env, options.EnvOf(option))); err == nil {
			*value = given
		}
	}
	text(&comet.RPC.ListenAddress, "rpc.laddr")
	text(&comet.RPC.GRPCListenAddress, "rpc.grpc_laddr")
	text(&comet.RPC.PprofListenAddress, "rpc.pprof_laddr")
	text(&comet.P2P.ListenAddress, "p2p.laddr")
	text(&comet.Instrumentation.PrometheusListenAddr, optionPrometheus)
	enabled(&comet.Instrumentation.Prometheus, "instrumentation.prometheus")
	text(&config.GRPC.Address, "grpc.address")
	enabled(&config.GRPC.Enable, "grpc.enable")
	text(&config.API.Address, "api.address")
	enabled(&config.API.Enable, "api.enable")
	return checkAddresses(addressesOf(comet, config, address{}, env))
}

// freeUnless frees the path of a Unix socket, unless one of these listeners
// uses it.
func freeUnless(listeners []net.Listener, file string) error {
	for _, listener := range listeners {
		if listener.Addr().String() == file {
			return nil
		}
	}
	return freeSocketPath(file)
}

// parse splits an address as its server does, and rejects what that server
// would reject.
func (a address) parse() (network, at string, err error) {
	scheme, rest, has := strings.Cut(a.value, "://")
	if !has {
		scheme, rest = "tcp", a.value
	}
	malformed := fmt.Errorf("expected %s, got %q", a.form, a.value)
	switch {
	case has && a.form == plain, !has && a.form == schemed:
		return "", "", malformed
	case scheme == "unix" && (a.form == schemed || a.form == maybeSchemed):
		return scheme, rest, nil
	case scheme != "tcp":
		return "", "", malformed
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil || a.form == tcpOnly && host == "" {
		return "", "", malformed
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", fmt.Errorf("expected a port from 0 to 65535, got %q in %q", port, a.value)
	}
	return scheme, rest, nil
}

// remedy returns what to do about an address that cannot be bound. users are
// other options that have it, holder the process that listens there, if known.
func (a address) remedy(err error, users []string, holder string) string {
	var unresolved *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		switch {
		case len(users) > 0:
			return fmt.Sprintf("%s has the same: give one of them another", strings.Join(users, ", "))
		case holder != "":
			return holder + " listens there: stop it, or " + a.another()
		}
		return a.another()
	case errors.Is(err, syscall.EACCES):
		return "agd may not listen there: choose a port above 1023, or another path"
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.As(err, &unresolved):
		return "expected an address of this machine, such as 127.0.0.1 or 0.0.0.0"
	default:
		return a.another()
	}
}

// holderAt names the process that listens at an address; "" if none can be found.
func holderAt(at string) string {
	network := "tcp"
	if filepath.IsAbs(at) {
		network = "unix"
	}
	taken, found := sockets.At(sockets.Listeners(), network, at)
	if !found {
		return ""
	}
	return taken.Owner().String()
}

// variable returns the name of the environment's variable that sets the option.
func (a address) variable() string {
	if a.option == vmproc.EnvMetricsPort {
		return a.option
	}
	return options.EnvOf(strings.TrimPrefix(a.option, "--"))
}

// another returns advice on how to choose another address.
func (a address) another() string {
	switch a.option {
	case "--" + options.FlagVMInspect:
		return "choose another port, or 0 for any free one"
	case optionPrometheus:
		return "choose another with " + a.variable() + ", or in config.toml"
	case vmproc.EnvMetricsPort:
		return "choose another in the environment"
	default:
		return "choose another with " + a.variable() + ", or --" + a.option + " of agd start"
	}
}

// usersOf returns the options that listen at an address, or at its port on all
// of this machine's addresses.
func usersOf(at string, bound map[string]net.Addr) []string {
	var users []string
	wanted, err := net.ResolveTCPAddr("tcp", at)
	for option, other := range bound {
		tcp, is := other.(*net.TCPAddr)
		switch {
		case !is && other.String() == at:
			users = append(users, option)
		case is && err == nil && tcp.Port == wanted.Port:
			users = append(users, option)
		}
	}
	slices.Sort(users)
	return users
}
