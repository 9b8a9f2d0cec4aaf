package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cast"
	"github.com/spf13/cobra"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/x/swingset"
)

const (
	flagJail      = "jail"
	jailAuto      = "auto"
	jailOn        = "on"
	jailOff       = "off"
	flagJailRead  = "jail-read"
	flagJailWrite = "jail-write"

	// envJail names agd-vm-jail for agvm, which starts its workers with it
	// (packages/agvm/src/workers.ts).
	envJail = "AGVM_JAIL"
)

const jailTemplate = `# Jail confines the VM of split: its files, network, signals and system calls.
# auto: as far as this system can; on: or it is not started; off.
# (--jail, AGD_JAIL)
jail = "{{ .Jail }}"

# JailRead and JailWrite are files and directories, separated by commas, that
# the VM gets besides what the kernel needs. A name that ends with a slash is
# made as a directory. (--jail-read, AGD_JAIL_READ, …)
jail-read = "{{ .JailRead }}"
jail-write = "{{ .JailWrite }}"

`

func addJailFlags(cmd *cobra.Command) {
	cmd.Flags().String(flagJail, jailAuto, "Confine the VM of --split: auto (as far as this system can), on (or refuse to start), or off")
	cmd.Flags().String(flagJailRead, "", "Files and directories that a VM in the jail may read besides, separated by commas")
	cmd.Flags().String(flagJailWrite, "", "The same, to read and write; a name that ends with a slash is made as a directory")
}

// checkJail refuses what --jail cannot mean in a mode.
func checkJail(svr *server.Context, m mode) error {
	switch wanted := svr.Viper.GetString(flagJail); wanted {
	case jailAuto, jailOff, "":
		return nil
	case jailOn:
		if m == modeSplit {
			return nil
		}
		return fmt.Errorf("--%s=%s needs --%s: in-process the kernel and agd are one process", flagJail, jailOn, flagSplit)
	default:
		return fmt.Errorf("--%s: expected %s, %s or %s, got %q", flagJail, jailAuto, jailOn, jailOff, wanted)
	}
}

// jailed returns how to start the VM with this entry point: command itself, or
// that in a jail.
func (host Host) jailed(svr *server.Context, entry string, command, env []string) (jailedCommand, jailedEnv []string, err error) {
	wanted := svr.Viper.GetString(flagJail)
	if wanted == jailOff {
		return command, env, nil
	}
	support, err := host.jailSupport(command, entry)
	if wanted == jailOn {
		err = errors.Join(err, support.Whole())
	}
	held, missing := support.Held()
	switch {
	case err != nil && wanted == jailOn:
		return nil, nil, fmt.Errorf("--%s=%s: %w", flagJail, jailOn, err)
	case err != nil:
		svr.Logger.Warn("no jail for the VM", "reason", err.Error())
		return command, env, nil
	case len(held) == 0:
		svr.Logger.Warn("no jail for the VM", "reason", "this system has "+support.String())
		return command, env, nil
	}
	policy, err := host.jailPolicy(svr, entry, command, env)
	if err != nil {
		return nil, nil, fmt.Errorf("--%s: %w", flagJail, err)
	}
	text, err := json.Marshal(policy)
	if err != nil {
		return nil, nil, err
	}
	svr.Logger.Info("the VM runs in a jail", "confined", strings.Join(held, ", "), "not_confined", strings.Join(missing, ", "))
	if variable(env, "NODE_OPTIONS") != "" {
		svr.Logger.Warn("NODE_OPTIONS does not get into the VM's jail: use --" + flagVMNodeArgs)
	}
	jailedEnv = append(jail.Environment(env), envJail+"="+host.Files.Jail)
	return append([]string{host.Files.Jail, "vm", string(text), "--"}, command...), jailedEnv, nil
}

// probeLimit is how long agd-vm-jail may take to look at the machine.
const probeLimit = 10 * time.Second

// jailSupport is what the machine offers for a VM that node runs.
func (host Host) jailSupport(command []string, entry string) (support jail.Support, err error) {
	if absolute, err := filepath.Abs(entry); err != nil || command[0] == absolute {
		return support, fmt.Errorf("%s is an executable of its own, and nobody knows what it needs; name the script that node runs", entry)
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	said, err := exec.CommandContext(ctx, host.Files.Jail, "probe").Output()
	switch {
	case errors.Is(err, os.ErrNotExist):
		return support, fmt.Errorf("no %s: run `make build`", host.Files.Jail)
	case err != nil:
		return support, fmt.Errorf("%s probe: %w", host.Files.Jail, err)
	}
	return support, json.Unmarshal(said, &support)
}

// outputDirs are Node's options that name where it writes profiles, heap
// snapshots and reports.
var outputDirs = []string{"--cpu-prof-dir", "--heap-prof-dir", "--diagnostic-dir", "--report-dir", "--report-directory"}

// jailPolicy is what the VM may do.
func (host Host) jailPolicy(svr *server.Context, entry string, command, env []string) (jail.Policy, error) {
	home := svr.Config.RootDir
	vm := jail.VM{
		Node: command[0], Entry: entry, Helper: host.Files.Jail, Home: home,
		Read:  pathList(svr.Viper.GetString(flagJailRead)),
		Write: pathList(svr.Viper.GetString(flagJailWrite)),
	}
	if dir := variable(env, "TMPDIR"); dir != "" {
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
	if vm.Listen, err = ports(cast.ToString(svr.Viper.Get(flagVMInspect)), variable(env, "OTEL_EXPORTER_PROMETHEUS_PORT")); err != nil {
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
	spec := variable(env, "CHAIN_BOOTSTRAP_VAT_CONFIG")
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

// ports are where the VM listens: for its inspector, and for the kernel's
// metrics, if they are asked for.
func ports(inspect, metrics string) ([]jail.Port, error) {
	address, err := inspectAddress(inspect)
	if err != nil {
		return nil, err
	}
	var texts []string
	if address != "" {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		texts = append(texts, port)
	}
	if metrics != "" {
		texts = append(texts, metrics)
	}
	var found []jail.Port
	for _, text := range texts {
		number, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("expected a port, got %q", text)
		}
		found = append(found, jail.Port(number))
	}
	return found, nil
}

// variable is the value of an environment's variable, "" without one. The last
// of several holds, as in os/exec.
func variable(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
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

// vmJailCommand is agd-vm-jail, by the name under which users look for it.
func vmJailCommand(host Host) *cobra.Command {
	return &cobra.Command{
		Use:                "vm-jail",
		Short:              "Go into the VM's jail and become another program (agd start --jail does)",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			return host.becomeProgram("agd vm-jail", host.Files.Jail, args)
		},
	}
}
