//go:build linux

// Command agd-vm-jail goes into a jail and becomes another program there: the
// VM, a worker of its kernel, or its exporter. agd and agvm start it; it is a
// program of its own because a jail confines whoever puts it up, and small
// because every worker starts with it.
//
//	agd-vm-jail probe                     what the machine supports, as JSON
//	agd-vm-jail vm POLICY -- COMMAND…     with a policy, as JSON
//	agd-vm-jail worker -- COMMAND…        in the jail already: with less
//	agd-vm-jail child -- COMMAND…         in the jail already: with the same
//	agd-vm-jail --home DIR … start …      the VM of upstream's agd
//
// The last is how upstream's agd starts this program, named by its --split-vm.
// Linux kills the programs of worker, child and the last form when their parent
// dies, and that of vm too, because agd arranges it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/jail/enforce"
)

const exitFailure = 1

// Privileges and the parent-death signal, which agd sets for the first thread,
// belong to a thread. The next program gets those of the thread that executes
// it. So everything runs on one thread: before main, that is the first.
func init() { runtime.LockOSThread() }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agd-vm-jail:", err)
		os.Exit(exitFailure)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "probe" {
		return json.NewEncoder(os.Stdout).Encode(enforce.Probe())
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "--") && os.Getenv(contract.EnvFromAgd) != "" {
		return beUpstreamVM(args)
	}
	end := slices.Index(args, "--")
	if end < 1 || end == len(args)-1 {
		return errors.New("expected probe, vm POLICY -- COMMAND, worker -- COMMAND, or child -- COMMAND: agd starts this program; upstream's agd by --split-vm")
	}
	command := args[end+1:]
	switch how := args[:end]; {
	case how[0] == "vm" && len(how) == 2:
		var policy jail.Policy
		if err := json.Unmarshal([]byte(how[1]), &policy); err != nil {
			return fmt.Errorf("policy: %w", err)
		}
		return becomeVM(policy, command, os.Environ())
	case how[0] == "worker" && len(how) == 1:
		if err := prepareChild(); err != nil {
			return err
		}
		policy, err := jail.ForWorker(command[0])
		if err != nil {
			return err
		}
		return become(policy, command, os.Environ())
	case how[0] == "child" && len(how) == 1:
		if err := prepareChild(); err != nil {
			return err
		}
		return named(command, unix.Exec(command[0], command, os.Environ()))
	}
	return fmt.Errorf("%q: expected vm POLICY, worker, or child, before --", args[:end])
}

// beUpstreamVM replaces this process, which upstream's agd started, by agvm, in
// a jail or not. It returns only an error.
func beUpstreamVM(args []string) error {
	mode := os.Getenv(jail.EnvMode)
	if !slices.Contains([]string{"", "auto", "on", "off"}, mode) {
		return fmt.Errorf("%s: expected auto, on or off, got %q", jail.EnvMode, mode)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	vm, err := jail.UpstreamPrograms(self)
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	command := append([]string{vm.Node, vm.Entry}, args...)
	free := func(reason string) error {
		fmt.Fprintln(os.Stderr, "agd-vm-jail: no jail for the VM:", reason)
		return named(command, unix.Exec(command[0], command, os.Environ()))
	}
	if mode == "off" {
		return free(jail.EnvMode + " is off") // nothing else is checked
	}
	if err := vm.UpstreamHome(args); err != nil {
		return err
	}
	support := enforce.Probe()
	switch err := obstacle(mode, support, vm.OwnState); {
	case err != nil && mode == "on":
		return fmt.Errorf("%s=on: %w", jail.EnvMode, err)
	case err != nil:
		return free(err.Error())
	}
	env, err := vm.UpstreamAccess(os.Environ())
	if err != nil {
		return err
	}
	policy, err := vm.Policy()
	if err != nil {
		return err
	}
	held, missing := support.Held()
	fmt.Fprintf(os.Stderr, "agd-vm-jail: the VM runs in a jail: confined: %s; not confined: %s\n", list(held), list(missing))
	if os.Getenv("NODE_OPTIONS") != "" {
		fmt.Fprintf(os.Stderr, "agd-vm-jail: NODE_OPTIONS does not get into the VM's jail: to use it, start the VM without one (%s=off)\n", jail.EnvMode)
	}
	return becomeVM(policy, command, append(env, contract.EnvJail+"="+vm.Helper))
}

// obstacle returns the reason why there is no jail, or not the whole one with
// on.
func obstacle(mode string, support jail.Support, ownState func() error) error {
	if mode == "on" {
		if err := support.Whole(); err != nil {
			return err
		}
	} else if held, _ := support.Held(); len(held) == 0 {
		return fmt.Errorf("this system has %s", support)
	}
	return ownState()
}

func list(parts []string) string {
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// becomeVM replaces this process by the VM. It returns only an error.
func becomeVM(policy jail.Policy, command, env []string) error {
	if err := enforce.CloseOthers(bridgeDescriptors()); err != nil {
		return fmt.Errorf("descriptors: %w", err)
	}
	own, err := jail.OwnProcess()
	if err != nil {
		return fmt.Errorf("what the process may read of itself: %w", err)
	}
	policy.Read = append(policy.Read, own...)
	return become(policy, command, env)
}

// become replaces this process. It returns only an error.
func become(policy jail.Policy, command, env []string) error {
	return named(command, enforce.Become(policy, command, env))
}

func named(command []string, err error) error { return fmt.Errorf("%s: %w", command[0], err) }

// prepareChild prepares a child of the VM, which dies with the VM.
func prepareChild() error {
	enforce.DropPins()
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}

// bridgeDescriptors returns the descriptors in the VM's environment, in order.
func bridgeDescriptors() []uint {
	var found []uint
	for _, name := range []string{contract.EnvFromAgd, contract.EnvToAgd, contract.EnvMemory} {
		if fd, err := strconv.ParseUint(os.Getenv(name), 10, 31); err == nil && fd > 2 {
			found = append(found, uint(fd))
		}
	}
	slices.Sort(found)
	return found
}
