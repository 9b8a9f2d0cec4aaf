package node

import (
	"bytes"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/agd-bridge/agd-bridge/go/home/hometest"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// nodeOf is a node with the default configuration.
func nodeOf(home string) *Node {
	comet := cmtcfg.DefaultConfig()
	comet.SetRoot(home)
	return &Node{
		svr:    server.NewContext(viper.New(), comet, log.NewNopLogger()),
		client: client.Context{}.WithNodeURI("tcp://localhost:26657"),
		config: *serverconfig.DefaultConfig(),
		banner: Banner{Log: log.NewNopLogger(), Agd: "agd"},
	}
}

func TestANodeNamesWhereItIsReached(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Node)
		want   []string
	}{
		{"defaults", func(*Node) {}, []string{
			"RPC=http://127.0.0.1:26657", "gRPC=localhost:9090", "REST=off (--api.enable)",
			`metrics=off ("agd config set config instrumentation.prometheus true --home 'HOME'", then restart the node)`,
			"jail=on: files", "transport=memory", "keys=alice, bob (keyring test)",
			"next=agd status --home 'HOME'", "next=agd keys list --keyring-backend test --home 'HOME'", "next=Ctrl-C stops the node",
		}},
		{"everything on", func(in *Node) {
			in.config.API.Enable = true
			//lint:ignore SA1019 app.toml's section telemetry is this one
			in.config.Telemetry.Enabled, in.config.Telemetry.PrometheusRetentionTime = true, 60
			in.svr.Config.Instrumentation.Prometheus = true
			in.svr.Config.RPC.ListenAddress = "tcp://0.0.0.0:1,tcp://127.0.0.1:2"
		}, []string{
			"REST=http://localhost:1317", "RPC=http://0.0.0.0:1,http://127.0.0.1:2",
			"metrics=http://localhost:26660/metrics, http://localhost:1317/metrics?format=prometheus",
			"next=agd status --node tcp://127.0.0.1:1 --home 'HOME'",
		}},
		{"a chain of agd devnet", func(in *Node) {
			in.banner.Next = []string{"agd tx", "agd query"}
		}, []string{"next=agd tx", "next=agd query", "next=Ctrl-C stops the node"}},
		{"a chain of agd devnet at another port", func(in *Node) {
			in.banner.Next = []string{"agd tx"}
			in.svr.Config.RPC.ListenAddress = "tcp://127.0.0.1:1"
		}, []string{"next=AGD_NODE=tcp://127.0.0.1:1 agd tx"}},
		{"everything off", func(in *Node) {
			in.config.GRPC.Enable = false
			in.svr.Config.RPC.ListenAddress = ""
		}, []string{"gRPC=off (--grpc.enable)", "RPC=off (--rpc.laddr)"}},
	} {
		home := hometest.WithFiles(t, "keyring-test/bob.info", "keyring-test/alice.info", "keyring-file/carol.info")
		in := nodeOf(home)
		c.change(in)
		conn := &vmproc.Conn{Mode: vmproc.ModeInProcess, Confined: "on: files"}
		var got []string
		for _, fact := range in.readiness(conn) {
			got = append(got, fact.label+"="+fact.text)
		}
		for _, want := range c.want {
			if want = strings.ReplaceAll(want, "HOME", home); !slices.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, strings.Join(got, "\n"))
			}
		}
	}
}

func TestTheBannerIsOneEventAndInJSONOneObject(t *testing.T) {
	facts := readiness{{"mode", "split"}, {"next", "agd status"}, {"next", "Ctrl-C"}}
	for format, want := range map[string]string{
		"plain": "INF ready: block 7 is committed\n  mode       split\n  next       agd status\n             Ctrl-C\n",
		"json":  `{"level":"info","height":7,"mode":"split","next":"Ctrl-C","message":"ready"}` + "\n",
	} {
		var out bytes.Buffer
		var logger log.Logger
		if format == "json" {
			logger = log.NewLogger(&out, log.OutputJSONOption(), log.TimeFormatOption(""))
		} else {
			logger = log.NewLogger(&out, log.ColorOption(false), log.TimeFormatOption("15"))
		}
		svr := nodeOf("/home").svr
		svr.Logger = logger
		svr.Viper.Set(flags.FlagLogFormat, format)
		said := facts
		if format == "json" {
			said = slices.Delete(slices.Clone(facts), 1, 2)
		}
		logReady(svr, logger, 7, said)
		got := out.String()
		if format == "plain" {
			_, got, _ = strings.Cut(got, " ")
		}
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", format, got, want)
		}
	}
}

func TestFewKeysAreNamed(t *testing.T) {
	many := listed([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j\x1b"}, "test")
	if many != "a, b, c, d, e, f, g, h and 2 more (keyring test)" {
		t.Error(many)
	}
}

func TestReadyWaitsUntilTheServersListen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "socket")
	config := serverconfig.DefaultConfig()
	config.GRPC.Enable, config.API.Enable = true, true
	config.GRPC.Address, config.API.Address = "127.0.0.1:0", "unix://"+file
	require.Equal(t, []serverAddress{{"unix", file}}, serverAddresses(*config), "any free port is known to the server alone")

	returned := make(chan struct{})
	go func() {
		defer close(returned)
		awaitListeners(nil, []serverAddress{{"unix", file}})
	}()
	select {
	case <-returned:
		t.Fatal("nothing listens")
	case <-time.After(5 * listenPoll):
	}
	listener, err := net.Listen("unix", file)
	require.NoError(t, err)
	defer listener.Close()
	connection, err := listener.Accept()
	require.NoError(t, err)
	require.NoError(t, connection.Close())
	<-returned

	stop := make(chan struct{})
	close(stop)
	awaitListeners(stop, []serverAddress{{"unix", file + "2"}})
}
