package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/jail"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// checkJail refuses what --jail cannot mean in a mode.
func checkJail(svr *server.Context, m mode) error {
	switch wanted := svr.Viper.GetString(options.FlagJail); wanted {
	case options.JailAuto, options.JailOff, "":
		return nil
	case options.JailOn:
		if m == modeSplit {
			return nil
		}
		return fmt.Errorf("--%s=%s needs --%s: in-process the kernel and agd are one process", options.FlagJail, options.JailOn, options.FlagSplit)
	default:
		return fmt.Errorf("--%s: expected %s, %s or %s, got %q", options.FlagJail, options.JailAuto, options.JailOn, options.JailOff, wanted)
	}
}

// jailed returns how to start the VM with this entry point: command itself, or
// that in a jail.
func (host Host) jailed(svr *server.Context, entry string, command, env []string) (jailedCommand, jailedEnv []string, err error) {
	wanted := svr.Viper.GetString(options.FlagJail)
	if wanted == options.JailOff {
		return command, env, nil
	}
	support, err := host.jailSupport(command, entry)
	if err == nil && wanted == options.JailOn {
		err = support.Whole()
	} else if err == nil {
		err = host.leavesFree(support, entry)
	}
	if err == nil {
		err = ownState(svr.Config.RootDir)
	}
	switch {
	case err != nil && wanted == options.JailOn:
		return nil, nil, fmt.Errorf("--%s=%s: %w", options.FlagJail, options.JailOn, err)
	case err != nil:
		svr.Logger.Warn("no jail for the VM", "reason", err.Error())
		return command, env, nil
	}
	policy, err := host.jailPolicy(svr, entry, command, env)
	if err != nil {
		return nil, nil, fmt.Errorf("--%s: %w", options.FlagJail, err)
	}
	text, err := json.Marshal(policy)
	if err != nil {
		return nil, nil, err
	}
	held, missing := support.Held()
	svr.Logger.Info("the VM runs in a jail", "confined", strings.Join(held, ", "), "not_confined", strings.Join(missing, ", "))
	if environ.Get(env, "NODE_OPTIONS") != "" {
		svr.Logger.Warn("NODE_OPTIONS does not get into the VM's jail: use --" + options.FlagVMNodeArgs)
	}
	jailedEnv = append(jail.Environment(env), envJail+"="+host.Files.Jail)
	return append([]string{host.Files.Jail, "vm", string(text), "--"}, command...), jailedEnv, nil
}

// leavesFree says why options.JailAuto does not confine a VM, if it does not.
func (host Host) leavesFree(support jail.Support, entry string) error {
	if held, _ := support.Held(); len(held) == 0 {
		return fmt.Errorf("this system has %s", support)
	}
	ours, err := os.Stat(host.Files.VM)
	if err != nil {
		return err
	}
	if theirs, err := os.Stat(entry); err != nil || !os.SameFile(ours, theirs) {
		return fmt.Errorf("--%s=%s confines agvm, and nobody knows what %s needs: --%s=%s confines it, with --%s and --%s", options.FlagJail, options.JailAuto, entry, options.FlagJail, options.JailOn, options.FlagJailRead, options.FlagJailWrite)
	}
	return nil
}

// ownState is an error if this is root, whose privileges end in the jail, and
// the kernel's state belongs to somebody else.
func ownState(home string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"data", "data/agoric", "data/agoric/swingstore.sqlite"} {
		path := filepath.Join(home, name)
		info, err := os.Stat(path)
		if err != nil {
			continue // It will be made.
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
			return fmt.Errorf("%s belongs to the user %d, and agd is root, which has no privileges in the jail: start agd as that user", path, owner.Uid)
		}
	}
	return nil
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
