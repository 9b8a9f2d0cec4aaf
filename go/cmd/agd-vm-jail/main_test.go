//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/jail/enforce"
)

// The test's own binary, under other names, is agd-vm-jail, and a node that
// prints its arguments.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "agd-vm-jail":
		main()
	case "node":
		if slices.Equal(os.Args[1:], []string{"-p", "process.execPath"}) {
			fmt.Println(os.Args[0])
		} else {
			fmt.Printf("%q\n", os.Args[1:])
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// install puts agd-vm-jail, agvm and node into a directory.
func install(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"agd-vm-jail": self, "node": self, "agvm": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// start starts the VM as upstream's agd does. It returns both outputs.
func start(dir, home string, env ...string) (said, printed string, err error) {
	var stderr strings.Builder
	program := exec.Command(filepath.Join(dir, "agd-vm-jail"), "--home", home, "start")
	program.Env = append([]string{"PATH=" + dir, contract.EnvFromAgd + "=4"}, env...)
	program.Stderr = &stderr
	out, err := program.Output()
	return stderr.String(), string(out), err
}

func TestWithoutAJailOfUpstreamsAgdNothingOfTheHomeIsChecked(t *testing.T) {
	dir, home := install(t), t.TempDir()
	config := filepath.Join(home, "config")
	if err := errors.Join(os.Mkdir(config, 0o755), os.WriteFile(filepath.Join(config, "app.toml"), []byte("[swingset\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	said, printed, err := start(dir, home, "AGD_JAIL=off", jail.EnvMetricsPort+"=x")
	if want := fmt.Sprintf("%q\n", []string{dir + "/agvm", "--home", home, "start"}); err != nil || printed != want {
		t.Errorf("%v, printed %s, expected %s", err, printed, want)
	}
	if want := "agd-vm-jail: no jail for the VM: AGD_JAIL is off\n"; said != want {
		t.Errorf("said %q, expected %q", said, want)
	}
	if said, _, err := start(dir, home, "AGD_JAIL=of"); err == nil || said != "agd-vm-jail: AGD_JAIL: expected auto, on or off, got \"of\"\n" {
		t.Errorf("%v: %q", err, said)
	}
}

func TestAVersionManagersNodeIsAskedForTheProgram(t *testing.T) {
	dir, home, shims := install(t), t.TempDir(), t.TempDir()
	text := "#!/bin/sh\nexec " + dir + "/node \"$@\"\n"
	if err := os.WriteFile(filepath.Join(shims, "node"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	path := "PATH=" + shims + ":/bin:/usr/bin"
	said, printed, err := start(dir, home, path, "AGD_JAIL=off")
	if err != nil || !strings.HasPrefix(printed, "[\""+dir+"/agvm\"") {
		t.Errorf("%v: %q, %q", err, said, printed)
	}
	// A jail admits the program, not the script.
	if said, _, _ := start(dir, home, path); len(heldHere()) > 0 && !strings.HasPrefix(said, "agd-vm-jail: the VM runs in a jail: ") {
		t.Errorf("said %q", said)
	}
	if err := os.WriteFile(filepath.Join(shims, "node"), []byte("#!/bin/sh\necho No version is set >&2; exit 126\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	said, _, err = start(dir, home, path)
	if want := fmt.Sprintf("agd-vm-jail: %q runs no Node.js: No version is set: choose a version, or put one first in PATH\n", shims+"/node"); err == nil || said != want {
		t.Errorf("%v: said %q, expected %q", err, said, want)
	}
	if said, _, err = start(dir, home, "PATH="); err == nil || said != "agd-vm-jail: node is not in PATH: install Node.js\n" {
		t.Errorf("%v: said %q", err, said)
	}
}

func TestRootHasNoJailForAnotherUsersState(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root")
	}
	dir, home := install(t), t.TempDir()
	data := filepath.Join(home, "data")
	if err := errors.Join(os.Mkdir(data, 0o755), os.Chown(data, 1, 1)); err != nil {
		t.Fatal(err)
	}
	if said, printed, err := start(dir, home); err != nil || !strings.HasPrefix(said, "agd-vm-jail: no jail for the VM: ") || strings.Count(said, "\n") != 1 || printed == "" {
		t.Errorf("%v: %q, %q", err, said, printed)
	}
	if said, _, err := start(dir, home, "AGD_JAIL=on"); err == nil || !strings.HasPrefix(said, "agd-vm-jail: AGD_JAIL=on: ") || strings.Count(said, "\n") != 1 {
		t.Errorf("%v: %q", err, said)
	}
}

func TestNODE_OPTIONSThatTheJailRemovesIsNamed(t *testing.T) {
	if len(heldHere()) == 0 {
		t.Skip("no jail on this system")
	}
	for env, want := range map[string]bool{"NODE_OPTIONS=--inspect": true, "NODE_OPTIONS=": false} {
		home := t.TempDir()
		// A program of Go's need not run in the VM's jail.
		said, _, _ := start(install(t), home, env)
		if got := strings.Contains(said, "agd-vm-jail: NODE_OPTIONS does not get into the VM's jail: "); got != want || !strings.Contains(said, "the VM runs in a jail: ") {
			t.Errorf("%s: said %q", env, said)
		}
	}
}

func heldHere() []string {
	held, _ := enforce.Probe().Held()
	return held
}

func TestWhatPreventsAJail(t *testing.T) {
	own := func() error { return nil }
	other := func() error { return errors.New("another user's") }
	whole, some := jail.Support{Landlock: 6, Seccomp: true}, jail.Support{Seccomp: true}
	for _, c := range []struct {
		mode    string
		support jail.Support
		state   func() error
		want    string
	}{
		{"auto", whole, own, ""},
		{"on", whole, own, ""},
		{"", some, own, ""},
		{"on", some, own, "this system cannot confine files, "},
		{"", jail.Support{}, own, "this system has no Landlock and no seccomp filters"},
		{"auto", some, other, "another user's"},
		{"on", whole, other, "another user's"},
	} {
		err := obstacle(c.mode, c.support, c.state)
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && !strings.HasPrefix(got, c.want) {
			t.Errorf("%q, %s: got %v, expected %q", c.mode, c.support, err, c.want)
		}
	}
}
