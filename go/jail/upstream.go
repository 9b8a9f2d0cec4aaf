package jail

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/creachadair/tomledit"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// Variables of the environment for the jail of upstream's agd, which has no
// options for it. They are named, and mean the same, as those of our own agd.
const (
	EnvMode  = "AGD_JAIL"
	EnvRead  = "AGD_JAIL_READ"
	EnvWrite = "AGD_JAIL_WRITE"
)

// UpstreamVM returns the command, environment and policy's input of a VM that
// upstream's agd starts with these arguments and this environment. Upstream's
// agd knows nothing of the jail: it starts helper, the path of agd-vm-jail, as
// its VM. agvm is beside helper.
func UpstreamVM(helper string, args, env []string) (command, vmEnv []string, vm VM, err error) {
	fail := func(err error) ([]string, []string, VM, error) { return nil, nil, VM{}, err }
	vm.Home, err = homeOf(args)
	if err != nil {
		return fail(err)
	}
	data := filepath.Join(vm.Home, "data")
	vm.State = filepath.Join(data, "agoric")
	if vm.Helper, err = realPath(helper); err != nil {
		return fail(err)
	}
	agvm := filepath.Join(filepath.Dir(vm.Helper), "agvm")
	if vm.Entry, err = realPath(agvm); err != nil {
		return fail(fmt.Errorf("no VM at %s: install agvm and agd-vm-jail in the same directory", agvm))
	}
	if vm.Node, err = exec.LookPath("node"); err != nil {
		return fail(errors.New("no node in PATH, which agvm needs"))
	}

	// Both halves hand over snapshots below TMPDIR. Without the variable agd
	// writes to the system's directory, which the jail leaves out.
	temp := environ.Get(env, "TMPDIR")
	if temp == "" {
		temp = filepath.Join(data, "vm-tmp")
	}
	vm.Write = append(vm.Write, temp+"/")
	vm.Read, vm.Write = append(vm.Read, list(env, EnvRead)...), append(vm.Write, list(env, EnvWrite)...)
	configured, err := configuredOutputs(vm.Home)
	if err != nil {
		return fail(err)
	}
	vm.Write = append(vm.Write, configured...)
	if slog := environ.Get(env, "SLOGFILE"); slog != "" {
		vm.Write = append(vm.Write, slog)
	}
	if text := environ.Get(env, EnvMetricsPort); text != "" {
		port, err := ParsePort(EnvMetricsPort, text)
		if err != nil {
			return fail(err)
		}
		vm.Listen = append(vm.Listen, port)
	}
	store := filepath.Join(vm.State, "swingstore.sqlite")
	if err := OwnState(data, vm.State, store); err != nil {
		return fail(err)
	}
	if vm.Config, err = BootstrapConfig(store, filepath.Join(vm.Home, "config", "genesis.json"), env); err != nil {
		return fail(err)
	}
	return append([]string{vm.Node, vm.Entry}, args...), environ.With(Environment(env), "TMPDIR", temp), vm, nil
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
	document, err := tomledit.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var found []string
	for _, output := range []struct{ key, suffix string }{
		{"slogfile", ""}, {"vat-snapshot-archive-dir", "/"}, {"vat-transcript-archive-dir", "/"},
	} {
		entry := document.First("swingset", output.key)
		if entry == nil || !entry.IsMapping() {
			continue
		}
		value := entry.Value.String()
		name, err := strconv.Unquote(value)
		if err != nil {
			name = strings.Trim(value, "'") // a literal string of TOML
		}
		switch {
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
