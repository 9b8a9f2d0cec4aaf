package vmproc

import (
	"net"
	"os"
	"slices"
	"strings"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// outputDirs are Node's options that name the directories for profiles, heap
// snapshots and reports.
var outputDirs = []string{"--cpu-prof-dir", "--heap-prof-dir", "--diagnostic-dir", "--report-dir", "--report-directory"}

// jailer starts a VM in a jail.
type jailer struct {
	// helper is agd-vm-jail. agvm is the only entry point whose needs are known.
	helper, agvm string
	// genesis is the file with the genesis.
	genesis string
	home    home.Layout
	opts    options.Options
	logger  log.Logger
}

// policy returns the permissions of the VM.
func (j jailer) policy(entry string, command, env []string) (jail.Policy, error) {
	vm := jail.VM{
		Node: command[0], Entry: entry, Helper: j.helper,
		Home: string(j.home), State: j.home.KernelState(),
		Read: slices.Clone(j.opts.JailRead), Write: slices.Clone(j.opts.JailWrite),
	}
	if dir := environ.Get(env, "TMPDIR"); dir != "" {
		vm.Write = append(vm.Write, strings.TrimSuffix(dir, "/")+"/")
	}
	for _, arg := range command {
		if name, dir, found := strings.Cut(arg, "="); found && slices.Contains(outputDirs, name) {
			vm.Write = append(vm.Write, strings.TrimSuffix(dir, "/")+"/")
		}
	}
	config := j.opts.Kernel
	if config.SlogFile != "" {
		vm.Write = append(vm.Write, config.SlogFile)
	}
	for _, dir := range []string{config.VatSnapshotArchiveDir, config.VatTranscriptArchiveDir} {
		if dir != "" {
			vm.Write = append(vm.Write, dir+"/")
		}
	}
	input := j.home.VMInput()
	if err := os.MkdirAll(input, 0o755); err != nil {
		return jail.Policy{}, err
	}
	vm.Read = append(vm.Read, input)
	var err error
	if vm.Config, err = jail.BootstrapConfig(j.home.KernelStore(), j.genesis, env); err != nil {
		return jail.Policy{}, err
	}
	if _, err := os.Stat(j.opts.KernelExport); err == nil {
		vm.Read = append(vm.Read, j.opts.KernelExport)
	}
	if vm.Listen, err = ports(j.opts.Inspect, environ.Get(env, EnvMetricsPort)); err != nil {
		return jail.Policy{}, err
	}
	return vm.Policy()
}

// EnvMetricsPort names the port of the kernel's metrics, and EnvMetricsHost the
// address, "" for all.
const (
	EnvMetricsPort = jail.EnvMetricsPort
	EnvMetricsHost = "OTEL_EXPORTER_PROMETHEUS_HOST"
)

// ports returns the ports at which the VM listens: for its inspector and the
// kernel's metrics, if enabled.
func ports(inspect, metrics string) ([]jail.Port, error) {
	address, err := InspectAddress(inspect)
	if err != nil {
		return nil, err
	}
	var found []jail.Port
	if address != "" {
		_, text, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		port, err := jail.ParsePort(options.FlagVMInspect, text)
		if err != nil {
			return nil, err
		}
		found = append(found, port)
	}
	if metrics != "" {
		port, err := jail.ParsePort(EnvMetricsPort, metrics)
		if err != nil {
			return nil, err
		}
		found = append(found, port)
	}
	return found, nil
}
