package node

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/stretchr/testify/require"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// addressOption sets one of a node's addresses, and enables its server.
type addressOption struct {
	name string
	form addressForm
	set  func(a string, comet *cmtcfg.Config, config *serverconfig.Config)
}

var addressOptions = []addressOption{
	{"rpc.laddr", schemed, func(a string, c *cmtcfg.Config, _ *serverconfig.Config) { c.RPC.ListenAddress = a }},
	{"p2p.laddr", tcpOnly, func(a string, c *cmtcfg.Config, _ *serverconfig.Config) { c.P2P.ListenAddress = a }},
	{"rpc.grpc_laddr", schemed, func(a string, c *cmtcfg.Config, _ *serverconfig.Config) { c.RPC.GRPCListenAddress = a }},
	{"rpc.pprof_laddr", plain, func(a string, c *cmtcfg.Config, _ *serverconfig.Config) { c.RPC.PprofListenAddress = a }},
	{"instrumentation.prometheus_listen_addr", plain, func(a string, c *cmtcfg.Config, _ *serverconfig.Config) {
		c.Instrumentation.Prometheus, c.Instrumentation.PrometheusListenAddr = true, a
	}},
	{"priv_validator_laddr", maybeSchemed, func(a string, c *cmtcfg.Config, _ *serverconfig.Config) { c.PrivValidatorListenAddr = a }},
	{"grpc.address", plain, func(a string, _ *cmtcfg.Config, c *serverconfig.Config) { c.GRPC.Enable, c.GRPC.Address = true, a }},
	{"api.address", schemed, func(a string, _ *cmtcfg.Config, c *serverconfig.Config) { c.API.Enable, c.API.Address = true, a }},
}

// checkWith checks the addresses of a node that uses free ports, except for
// these.
func checkWith(set func(comet *cmtcfg.Config, config *serverconfig.Config), inspector address, env ...string) error {
	comet, config := cmtcfg.DefaultConfig(), serverconfig.DefaultConfig()
	comet.RPC.ListenAddress, comet.P2P.ListenAddress = "tcp://127.0.0.1:0", "tcp://127.0.0.1:0"
	comet.RPC.PprofListenAddress, config.GRPC.Address = "", "127.0.0.1:0"
	set(comet, config)
	return checkAddresses(addressesOf(comet, *config, inspector, env))
}

func (o addressOption) check(value string) error {
	return checkWith(func(comet *cmtcfg.Config, config *serverconfig.Config) { o.set(value, comet, config) }, address{})
}

// with returns HOST:PORT in the form of the option.
func (o addressOption) with(at string) string {
	if o.form == plain {
		return at
	}
	return "tcp://" + at
}

func TestEveryBadAddressIsRefusedWithItsOption(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	dir, err := os.MkdirTemp("", "agd")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })

	for _, o := range addressOptions {
		t.Run(o.name, func(t *testing.T) {
			require.NoError(t, o.check(o.with("127.0.0.1:0")))
			rows := map[string]string{
				"127.0.0.1":                   "expected " + o.form.String(),
				"http://127.0.0.1:1":          "expected " + o.form.String(),
				"udp://127.0.0.1:1":           "expected " + o.form.String(),
				"tcp://":                      "expected " + o.form.String(),
				o.with("127.0.0.1:99999"):     `expected a port from 0 to 65535, got "99999"`,
				o.with("127.0.0.1:http"):      `expected a port from 0 to 65535, got "http"`,
				o.with("127.0.0.1:-1"):        `expected a port from 0 to 65535, got "-1"`,
				o.with("::1:1"):               "expected " + o.form.String(),
				o.with("192.0.2.1:1"):         "expected an address of this machine",
				o.with("no host:1"):           "expected an address of this machine",
				o.with(taken.Addr().String()): "choose another ",
			}
			switch o.form {
			case plain:
				rows["tcp://127.0.0.1:0"], rows["unix://"+dir+"/s"] = "without a scheme", "without a scheme"
			case tcpOnly:
				rows["tcp://:0"], rows["unix://"+dir+"/s"] = "with a host", "expected tcp://HOST:PORT"
			default:
				rows["unix://"] = "expected unix:// and a path"
				rows["unix://"+dir+"/none/s"] = "no directory"
				rows["unix://"+dir+"/"+strings.Repeat("s", 110)] = "at most 107 bytes"
				rows["unix://"+dir] = "is not a socket"
			}
			if o.form == schemed {
				rows["127.0.0.1:0"] = "expected tcp://HOST:PORT"
			}
			for value, expected := range rows {
				require.ErrorContains(t, o.check(value), o.name+": ", value)
				require.ErrorContains(t, o.check(value), expected, value)
			}
		})
	}
}

func TestOneAddressForTwoOptionsIsRefusedWithBoth(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	at := free.Addr().String()
	_, port, err := net.SplitHostPort(at)
	require.NoError(t, err)
	for i, first := range addressOptions {
		for _, second := range addressOptions[i+1:] {
			for _, other := range []string{at, "0.0.0.0:" + port} {
				err := checkWith(func(comet *cmtcfg.Config, config *serverconfig.Config) {
					first.set(first.with(at), comet, config)
					second.set(second.with(other), comet, config)
				}, address{})
				require.ErrorContains(t, err, "has the same: give one of them another")
				require.ErrorContains(t, err, first.name)
				require.ErrorContains(t, err, second.name)
			}
		}
		set := func(comet *cmtcfg.Config, config *serverconfig.Config) { first.set(first.with(at), comet, config) }
		inspector := address{option: "--" + options.FlagVMInspect, value: at, form: plain}
		err := checkWith(set, inspector)
		require.ErrorContains(t, err, first.name)
		require.ErrorContains(t, err, options.FlagVMInspect+" has the same")
		listening, err := net.Listen("tcp", at)
		require.NoError(t, err)
		inspector.taken = true
		err = checkWith(set, inspector)
		require.NoError(t, listening.Close())
		require.ErrorContains(t, err, first.name)
		require.ErrorContains(t, err, options.FlagVMInspect+" has the same")
		err = checkWith(set, address{}, vmproc.EnvMetricsPort+"="+port)
		require.ErrorContains(t, err, vmproc.EnvMetricsPort+": ")
		require.ErrorContains(t, err, first.name+" has the same")
	}
	require.ErrorContains(t, checkWith(func(*cmtcfg.Config, *serverconfig.Config) {}, address{}, vmproc.EnvMetricsPort+"=many"), vmproc.EnvMetricsPort+`: expected a port`)
	require.NoError(t, checkWith(func(*cmtcfg.Config, *serverconfig.Config) {},
		address{option: "--" + options.FlagVMInspect, value: at, form: plain, taken: true}), "where Node.js listens already")
}

func TestAStaleSocketOfAnAddressIsRemoved(t *testing.T) {
	dir, err := os.MkdirTemp("", "agd")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for i, o := range addressOptions {
		if o.form != schemed && o.form != maybeSchemed {
			continue
		}
		file := filepath.Join(dir, fmt.Sprint(i))
		listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: file, Net: "unix"})
		require.NoError(t, err)
		listener.SetUnlinkOnClose(false)
		require.ErrorContains(t, o.check("unix://"+file), o.name+": another process listens at")
		require.NoError(t, listener.Close())
		require.NoError(t, o.check("unix://"+file))
		require.NoFileExists(t, file, "neither the stale one, nor agd's own")
	}
	file := filepath.Join(dir, "twice")
	require.ErrorContains(t, checkWith(func(comet *cmtcfg.Config, config *serverconfig.Config) {
		comet.RPC.ListenAddress = "unix://" + file
		config.API.Enable, config.API.Address = true, "unix://"+file
	}, address{}), "api.address: listen unix "+file+": bind: address already in use (rpc.laddr has the same")
}

func TestARemedyFollowsTheReason(t *testing.T) {
	denied := &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}
	require.Contains(t, address{}.remedy(denied, nil, ""), "choose a port above 1023")
}

func TestOneAddressForThreeOptionsIsNotAnotherProcess(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	at := free.Addr().String()
	err = CheckNewHome(cmtcfg.DefaultConfig(), *serverconfig.DefaultConfig(), []string{
		"AGD_RPC_LADDR=tcp://" + at, "AGD_GRPC_ADDRESS=" + at, "AGD_P2P_LADDR=tcp://" + at,
	})
	require.ErrorContains(t, err, "p2p.laddr: ")
	require.ErrorContains(t, err, "grpc.address: ")
	require.ErrorContains(t, err, "rpc.laddr has the same")
	require.NotContains(t, err.Error(), "stop it")
}

func TestOneHolderOfSeveralAddressesIsNamedOnce(t *testing.T) {
	var ports []string
	for range 2 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		ports = append(ports, listener.Addr().String())
	}
	comet, config := cmtcfg.DefaultConfig(), serverconfig.DefaultConfig()
	env := []string{
		"AGD_RPC_LADDR=tcp://" + ports[0], "AGD_GRPC_ADDRESS=" + ports[1], "AGD_P2P_LADDR=tcp://127.0.0.1:0",
	}
	err := CheckNewHome(comet, *config, env)
	require.Regexp(t, `^\S+ \(process \d+\) listens at this node's addresses: rpc\.laddr `+ports[0]+`, grpc\.address `+ports[1]+
		`: stop it, or choose others with AGD_RPC_LADDR, AGD_GRPC_ADDRESS$`, err.Error())
	comet, config = cmtcfg.DefaultConfig(), serverconfig.DefaultConfig()
	err = CheckNewHome(comet, *config, append(env, "AGD_GRPC_ENABLE=false"))
	require.Regexp(t, `^rpc\.laddr: listen tcp `+ports[0]+`: .* choose another with AGD_RPC_LADDR`, err.Error())
}
