package jail

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/nodejs"
)

// Variables of the environment for the jail of upstream's agd, which has no
// options for it. They are named, and mean the same, as those of our own agd.
const (
	EnvMode  = "AGD_JAIL"
	EnvRead  = "AGD_JAIL_READ"
	EnvWrite = "AGD_JAIL_WRITE"
)

// UpstreamPrograms returns the programs of a VM that upstream's agd starts.
// Upstream's agd knows nothing of the jail: it starts helper, the path of
// agd-vm-jail, as its VM. agvm is beside helper.
func UpstreamPrograms(helper string) (vm VM, err error) {
	if vm.Helper, err = realPath(helper); err != nil {
		return VM{}, err
	}
	agvm := filepath.Join(filepath.Dir(vm.Helper), "agvm")
	if vm.Entry, err = realPath(agvm); err != nil {
		return VM{}, fmt.Errorf("no VM at %s: install agvm and agd-vm-jail in the same directory", agvm)
	}
	vm.Node, err = nodejs.Locate(vm.Entry)
	return vm, err
}

// UpstreamHome sets the home of a VM that upstream's agd starts with these
// arguments.
func (vm *VM) UpstreamHome(args []string) (err error) {
	if vm.Home, err = homeOf(args); err != nil {
		return err
	}
	vm.State = filepath.Join(vm.data(), "agoric")
	return nil
}

func (vm *VM) data() string { return filepath.Join(vm.Home, "data") }

// store is the kernel's database.
func (vm *VM) store() string { return filepath.Join(vm.State, "swingstore.sqlite") }

// OwnState is [OwnState] of the VM's paths.
func (vm *VM) OwnState() error { return OwnState(vm.data(), vm.State, vm.store()) }

// UpstreamAccess sets what a VM with a home may access, and returns the
// environment that it gets.
func (vm *VM) UpstreamAccess(env []string) (vmEnv []string, err error) {
	// Both halves hand over snapshots below TMPDIR. Without the variable agd
	// writes to the system's directory, which the jail leaves out.
	temp := environ.Get(env, "TMPDIR")
	if temp == "" {
		temp = filepath.Join(vm.data(), "vm-tmp")
	}
	vm.Write = append(vm.Write, temp+"/")
	vm.Read, vm.Write = append(vm.Read, list(env, EnvRead)...), append(vm.Write, list(env, EnvWrite)...)
	configured, err := configuredOutputs(vm.Home)
	if err != nil {
		return nil, err
	}
	vm.Write = append(vm.Write, configured...)
	if slog := environ.Get(env, "SLOGFILE"); slog != "" {
		vm.Write = append(vm.Write, slog)
	}
	if text := environ.Get(env, EnvMetricsPort); text != "" {
		port, err := ParsePort(EnvMetricsPort, text)
		if err != nil {
			return nil, err
		}
		vm.Listen = append(vm.Listen, port)
	}
	if vm.Config, err = BootstrapConfig(vm.store(), filepath.Join(vm.Home, "config", "genesis.json"), env); err != nil {
		return nil, err
	}
	return environ.With(Environment(env), "TMPDIR", temp), nil
}

// homeOf returns the last --home, in either notation. Upstream's agd puts its
// default home first, and its own command line after it.
func homeOf(args []string) (string, error) {
	home := ""
	for i, arg := range args {
		if value, found := strings.CutPrefix(arg, "--home="); found {
			home = value
		} else if arg == "--home" && i+1 < len(args) {
			home = args[i+1]
		}
	}
	if home == "" {
		return "", errors.New("expected --home DIR, as upstream's agd passes it")
	}
	return filepath.Abs(home)
}

// configuredOutputs returns what the section [swingset] of app.toml lets the
// kernel write: the slog file, and directories of archives. Relative paths are
// below the home.
func configuredOutputs(home string) ([]string, error) {
	path := filepath.Join(home, "config", "app.toml")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var configured struct {
		Swingset map[string]any `toml:"swingset"`
	}
	if err := toml.Unmarshal(text, &configured); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var found []string
	for _, output := range []struct{ key, suffix string }{
		{"slogfile", ""}, {"vat-snapshot-archive-dir", "/"}, {"vat-transcript-archive-dir", "/"},
	} {
		value, exists := configured.Swingset[output.key]
		name, isText := value.(string)
		switch {
		case exists && !isText:
			return nil, fmt.Errorf("%s: swingset.%s: expected a path in quotes, got %v", path, output.key, value)
		case name == "":
			continue
		case !filepath.IsAbs(name):
			name = filepath.Join(home, name)
		}
		found = append(found, name+output.suffix)
	}
	return found, nil
}

// list returns the words of a variable, which commas separate.
func list(env []string, name string) []string {
	return strings.FieldsFunc(environ.Get(env, name), func(r rune) bool { return r == ',' })
}
