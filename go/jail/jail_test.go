package jail

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// installed makes a node's home and an installation of a VM, and returns what a
// policy follows from. This test's own program is its node.
func installed(t *testing.T) VM {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"home/config", "app/node_modules/kernel", "app/packages/agvm/bin", "app/packages/bridge", "linked"} {
		if err := os.MkdirAll(filepath.Join(dir, path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../../linked", filepath.Join(dir, "app/node_modules/linked")); err != nil {
		t.Fatal(err)
	}
	entry := filepath.Join(dir, "app/packages/agvm/bin/agvm")
	if err := os.WriteFile(entry, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	return VM{Node: self, Entry: entry, Helper: self, Home: filepath.Join(dir, "home"), State: filepath.Join(dir, "home", "data", "agoric")}
}

func TestAPolicyHasTheKernelsStateAndTheCodeOfTheVM(t *testing.T) {
	vm := installed(t)
	vm.Write = []string{filepath.Join(vm.Home, "made") + "/", filepath.Join(vm.Home, "slog")}
	p, err := vm.Policy()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Dir(vm.Home)
	for _, want := range []string{"app/packages/agvm/bin", "app/node_modules", "linked"} {
		if !slices.Contains(p.Read, filepath.Join(root, want)) {
			t.Errorf("cannot read %s: %q", want, p.Read)
		}
	}
	for _, want := range []string{"data/agoric", "made", "slog"} {
		if !slices.Contains(p.Write, filepath.Join(vm.Home, want)) {
			t.Errorf("cannot write %s: %q", want, p.Write)
		}
	}
	for _, path := range slices.Concat(p.Read, p.Write) {
		if path == root || path == vm.Home || path == filepath.Join(root, "app") {
			t.Errorf("%s is in the jail", path)
		}
	}
	if !slices.Contains(p.Exec, vm.Node) {
		t.Errorf("cannot execute node: %q", p.Exec)
	}
}

func TestAKernelReadsWhatItBootsFrom(t *testing.T) {
	vm := installed(t)
	root := filepath.Dir(vm.Home)
	for _, path := range []string{"own/node_modules", "home/vats"} {
		if err := os.MkdirAll(filepath.Join(root, path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for config, want := range map[string][]string{
		"own/config.json": {"own", "own/node_modules", "own/config.json"},
		// Beside the home's keys, the file alone.
		"home/config.json":      {"home/config.json"},
		"home/vats/config.json": {"home/vats", "home/vats/config.json"},
	} {
		vm.Config = filepath.Join(root, config)
		if err := os.WriteFile(vm.Config, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := vm.Policy()
		if err != nil {
			t.Fatalf("%s: %v", config, err)
		}
		for _, path := range want {
			if !slices.Contains(p.Read, filepath.Join(root, path)) {
				t.Errorf("%s: cannot read %s: %q", config, path, p.Read)
			}
		}
		if slices.Contains(p.Read, vm.Home) {
			t.Errorf("%s: reads the home", config)
		}
	}
	vm.Config = filepath.Join(root, "absent.json")
	if _, err := vm.Policy(); err != nil {
		t.Errorf("the kernel says what is absent: %v", err)
	}
}

func TestAPolicyThatGivesAwayAKeyIsRefused(t *testing.T) {
	for _, path := range []string{"", "config", "config/node_key.json", ".."} {
		for _, write := range []bool{false, true} {
			vm := installed(t)
			key := filepath.Join(vm.Home, "config/node_key.json")
			if err := os.WriteFile(key, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			named := []string{filepath.Join(vm.Home, path)}
			if write {
				vm.Write = named
			} else {
				vm.Read = named
			}
			if _, err := vm.Policy(); err == nil || !strings.Contains(err.Error(), "would be in the jail") {
				t.Errorf("%q: %v", path, err)
			}
		}
	}
}

func TestTheEnvironmentIsAListOfWhatMayPass(t *testing.T) {
	given := []string{"HOME=/h", "NODE_OPTIONS=--require=x", "AWS_SECRET_ACCESS_KEY=k", "LC_ALL=C", "AGVM_FROM_AGD=4", "HOMER=1", "SLOGFILE=s", "LD_PRELOAD=x"}
	want := []string{"HOME=/h", "LC_ALL=C", "AGVM_FROM_AGD=4", "SLOGFILE=s"}
	if got := Environment(given); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAMachineThatLacksSomethingCannotHoldTheWhole(t *testing.T) {
	if err := (Support{Landlock: landlockScopes, Seccomp: true}).Whole(); err != nil {
		t.Error(err)
	}
	for _, support := range []Support{{}, {Landlock: landlockScopes}, {Landlock: landlockTCP, Seccomp: true}} {
		held, missing := support.Held()
		if support.Whole() == nil || len(missing) == 0 || len(held)+len(missing) != len(needs) {
			t.Errorf("%s: held %q, missing %q", support, held, missing)
		}
	}
}
