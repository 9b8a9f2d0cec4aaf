package vmproc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// checkJail refuses a value of --jail that the mode does not support.
func checkJail(wanted string, mode Mode) error {
	switch wanted {
	case options.JailAuto, options.JailOff, "":
		return nil
	case options.JailOn:
		if mode == ModeSplit {
			return nil
		}
		return fmt.Errorf("--%s=%s needs --%s: in-process the kernel and agd are one process", options.FlagJail, options.JailOn, options.FlagSplit)
	default:
		return fmt.Errorf("--%s: expected %s, %s or %s, got %q", options.FlagJail, options.JailAuto, options.JailOn, options.JailOff, wanted)
	}
}

// jailed returns the command that starts the VM with this entry point, with or
// without a jail, and a description, for people, of how far it is confined.
func (j jailer) jailed(entry string, command, env []string) (jailedCommand, jailedEnv []string, confined string, err error) {
	wanted := j.opts.Jail
	if wanted == options.JailOff {
		return command, env, "off (--" + options.FlagJail + ")", nil
	}
	support, err := j.support(command, entry)
	if err == nil && wanted == options.JailOn {
		err = support.Whole()
	} else if err == nil {
		err = j.leavesFree(support, entry)
	}
	if err == nil {
		err = ownState(j.home)
	}
	switch {
	case err != nil && wanted == options.JailOn:
		return nil, nil, "", fmt.Errorf("--%s=%s: %w", options.FlagJail, options.JailOn, err)
	case err != nil:
		j.logger.Warn("no jail for the VM", "reason", err.Error())
		return command, env, "none: " + err.Error(), nil
	}
	policy, err := j.policy(entry, command, env)
	if err != nil {
		return nil, nil, "", fmt.Errorf("--%s: %w", options.FlagJail, err)
	}
	text, err := json.Marshal(policy)
	if err != nil {
		return nil, nil, "", err
	}
	held, missing := support.Held()
	pairs := []any{"confined", strings.Join(held, ", ")}
	if len(missing) > 0 {
		pairs = append(pairs, "not_confined", strings.Join(missing, ", "))
	}
	j.logger.Info("the VM runs in a jail", pairs...)
	if environ.Get(env, "NODE_OPTIONS") != "" {
		j.logger.Warn("NODE_OPTIONS does not get into the VM's jail: use --" + options.FlagVMNodeArgs)
	}
	jailedEnv = append(jail.Environment(env), contract.EnvJail+"="+j.helper)
	confined = "on: " + strings.Join(held, ", ")
	if len(missing) > 0 {
		confined = "on, without " + strings.Join(missing, ", ") + ": this system lacks them"
	}
	return append([]string{j.helper, "vm", string(text), "--"}, command...), jailedEnv, confined, nil
}

// leavesFree returns the reason if options.JailAuto does not confine a VM.
func (j jailer) leavesFree(support jail.Support, entry string) error {
	if held, _ := support.Held(); len(held) == 0 {
		return fmt.Errorf("this system has %s", support)
	}
	ours, err := os.Stat(j.agvm)
	if err != nil {
		return err
	}
	if theirs, err := os.Stat(entry); err != nil || !os.SameFile(ours, theirs) {
		return fmt.Errorf("--%s=%s confines agvm, and what %s needs is unknown: --%s=%s confines it, with --%s and --%s", options.FlagJail, options.JailAuto, entry, options.FlagJail, options.JailOn, options.FlagJailRead, options.FlagJailWrite)
	}
	return nil
}

// ownState is an error if root would lose its access to the kernel's state.
func ownState(layout home.Layout) error {
	return jail.OwnState(layout.Data(), layout.KernelState(), layout.KernelStore())
}

// probeLimit bounds the time of agd-vm-jail's probe of the machine.
const probeLimit = 10 * time.Second

// support returns the machine's support for confining a VM that node runs.
func (j jailer) support(command []string, entry string) (support jail.Support, err error) {
	if absolute, err := filepath.Abs(entry); err != nil || command[0] == absolute {
		return support, fmt.Errorf("%s is an executable of its own, and what it needs is unknown: name the script that node runs", entry)
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	said, err := exec.CommandContext(ctx, j.helper, "probe").Output()
	switch {
	case errors.Is(err, os.ErrNotExist):
		return support, fmt.Errorf("no %s: run \"make build\"", j.helper)
	case err != nil:
		return support, fmt.Errorf("%s probe: %w", j.helper, err)
	}
	return support, json.Unmarshal(said, &support)
}
