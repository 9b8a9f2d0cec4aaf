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
	if err == nil && wanted == jailOn {
		err = support.Whole()
	} else if err == nil {
		err = host.leavesFree(support, entry)
	}
	if err == nil {
		err = ownState(svr.Config.RootDir)
	}
	switch {
	case err != nil && wanted == jailOn:
		return nil, nil, fmt.Errorf("--%s=%s: %w", flagJail, jailOn, err)
	case err != nil:
		svr.Logger.Warn("no jail for the VM", "reason", err.Error())
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
	held, missing := support.Held()
	svr.Logger.Info("the VM runs in a jail", "confined", strings.Join(held, ", "), "not_confined", strings.Join(missing, ", "))
	if environ.Get(env, "NODE_OPTIONS") != "" {
		svr.Logger.Warn("NODE_OPTIONS does not get into the VM's jail: use --" + flagVMNodeArgs)
	}
	jailedEnv = append(jail.Environment(env), envJail+"="+host.Files.Jail)
	return append([]string{host.Files.Jail, "vm", string(text), "--"}, command...), jailedEnv, nil
}

// leavesFree says why jailAuto does not confine a VM, if it does not.
func (host Host) leavesFree(support jail.Support, entry string) error {
	if held, _ := support.Held(); len(held) == 0 {
		return fmt.Errorf("this system has %s", support)
	}
	ours, err := os.Stat(host.Files.VM)
	if err != nil {
		return err
	}
	if theirs, err := os.Stat(entry); err != nil || !os.SameFile(ours, theirs) {
		return fmt.Errorf("--%s=%s confines agvm, and nobody knows what %s needs: --%s=%s confines it, with --%s and --%s", flagJail, jailAuto, entry, flagJail, jailOn, flagJailRead, flagJailWrite)
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
