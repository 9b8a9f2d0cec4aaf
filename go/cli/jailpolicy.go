package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cast"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/x/swingset"
)

// outputDirs are Node's options that name where it writes profiles, heap
// snapshots and reports.
var outputDirs = []string{"--cpu-prof-dir", "--heap-prof-dir", "--diagnostic-dir", "--report-dir", "--report-directory"}

// jailPolicy is what the VM may do.
func (host Host) jailPolicy(svr *server.Context, entry string, command, env []string) (jail.Policy, error) {
	home := svr.Config.RootDir
	vm := jail.VM{
		Node: command[0], Entry: entry, Helper: host.Files.Jail, Home: home,
		Read:  pathList(svr.Viper.GetString(options.FlagJailRead)),
		Write: pathList(svr.Viper.GetString(options.FlagJailWrite)),
	}
	if dir := environ.Get(env, "TMPDIR"); dir != "" {
		vm.Write = append(vm.Write, strings.TrimSuffix(dir, "/")+"/")
	}
	for _, arg := range command {
		if name, dir, found := strings.Cut(arg, "="); found && slices.Contains(outputDirs, name) {
			vm.Write = append(vm.Write, strings.TrimSuffix(dir, "/")+"/")
		}
	}
	config, err := swingset.KernelConfig(svr.Viper)
	if err != nil {
		return jail.Policy{}, err
	}
	if config.SlogFile != "" {
		vm.Write = append(vm.Write, config.SlogFile)
	}
	for _, dir := range []string{config.VatSnapshotArchiveDir, config.VatTranscriptArchiveDir} {
		if dir != "" {
			vm.Write = append(vm.Write, dir+"/")
		}
	}
	input := filepath.Join(home, "data", app.VMInput)
	if err := os.MkdirAll(input, 0o755); err != nil {
		return jail.Policy{}, err
	}
	vm.Read = append(vm.Read, input)
	if vm.Config, err = bootstrapConfig(svr.Config, env); err != nil {
		return jail.Policy{}, err
	}
	export, err := app.SwingStoreExportDir(svr.Viper)
	if err != nil {
		return jail.Policy{}, err
	}
	if _, err := os.Stat(export); err == nil {
		vm.Read = append(vm.Read, export)
	}
	if vm.Listen, err = ports(cast.ToString(svr.Viper.Get(options.FlagVMInspect)), environ.Get(env, envMetricsPort)); err != nil {
		return jail.Policy{}, err
	}
	return vm.Policy()
}

// bootstrapConfig is the file that a kernel without state boots from; "": it
// has a state, or boots from a module's.
func bootstrapConfig(config *cmtcfg.Config, env []string) (string, error) {
	if _, err := os.Stat(filepath.Join(config.RootDir, "data", "agoric", "swingstore.sqlite")); err == nil {
		return "", nil
	}
	spec := environ.Get(env, "CHAIN_BOOTSTRAP_VAT_CONFIG")
	if spec == "" {
		var genesis struct {
			AppState struct {
				Swingset struct {
					Params struct {
						BootstrapVatConfig string `json:"bootstrap_vat_config"`
					} `json:"params"`
				} `json:"swingset"`
			} `json:"app_state"`
		}
		text, err := os.ReadFile(config.GenesisFile())
		if errors.Is(err, os.ErrNotExist) {
			return "", nil // Such as where a snapshot is restored.
		}
		if err != nil {
			return "", err
		}
		if err := json.Unmarshal(text, &genesis); err != nil {
			return "", fmt.Errorf("%s: %w", config.GenesisFile(), err)
		}
		spec = genesis.AppState.Swingset.Params.BootstrapVatConfig
	}
	if !filepath.IsAbs(spec) {
		return "", nil
	}
	return spec, nil
}

// envMetricsPort is where the kernel serves its metrics, and envMetricsHost on
// which of this machine's addresses, "" for all.
const (
	envMetricsPort = "OTEL_EXPORTER_PROMETHEUS_PORT"
	envMetricsHost = "OTEL_EXPORTER_PROMETHEUS_HOST"
)

// ports are where the VM listens: for its inspector, and for the kernel's
// metrics, if they are asked for.
func ports(inspect, metrics string) ([]jail.Port, error) {
	address, err := inspectAddress(inspect)
	if err != nil {
		return nil, err
	}
	var found []jail.Port
	if address != "" {
		_, text, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		port, err := portOf(options.FlagVMInspect, text)
		if err != nil {
			return nil, err
		}
		found = append(found, port)
	}
	if metrics != "" {
		port, err := portOf(envMetricsPort, metrics)
		if err != nil {
			return nil, err
		}
		found = append(found, port)
	}
	return found, nil
}

func portOf(option, text string) (jail.Port, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%s: expected a port, got %q", option, text)
	}
	return jail.Port(port), nil
}

// pathList splits a list of paths.
func pathList(text string) []string {
	var paths []string
	for path := range strings.SplitSeq(text, ",") {
		if path = strings.TrimSpace(path); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}
