package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	"github.com/cosmos/cosmos-sdk/version"

	"github.com/agd-bridge/agd-bridge/go/doctor"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/internal/visible"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// doctorCommand checks the prerequisites of a node. It writes no file in any
// home.
func doctorCommand(host Host) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check what a node needs: machine, installation, home and ports",
		Long: `Check what a node needs: Node.js and the addons that are built for it, the
jail as this system allows it, shared memory, disk, memory, limits and clock;
the home's configuration, keys and both stores; and where the home's node
listens. Each check is ok, warn or fail, with what to do.

It changes nothing, and works beside a running node and without a home. Where
no node runs it holds the home's lock while it checks, some seconds: a start at
that time is refused.

Exit codes: 0 nothing failed, 1 something did.`,
		Example: "agd doctor\nagd doctor --home ~/.agd-devnet\nagd doctor --json",
		Args:    noArguments,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := options.HomeOf(cmd, host.Env)
			if err != nil {
				return err
			}
			report := doctor.NewReport("agd "+version.Version, dir, host.examine(cmd, dir))
			for i, found := range report.Checks {
				report.Checks[i].Found = shell.Hints(found.Found, otherHome(cmd))
				report.Checks[i].Do = shell.Hints(found.Do, otherHome(cmd))
			}
			if asJSON {
				err = report.PrintJSON(cmd.OutOrStdout())
			} else {
				err = report.Print(cmd.OutOrStdout(), coloured(cmd.OutOrStdout(), host.Env))
			}
			if failed := report.Count(doctor.Fail); err == nil && failed > 0 {
				err = fmt.Errorf("%d of %d checks failed", failed, len(report.Checks))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the findings as JSON")
	return cmd
}

// coloured reports whether an output is a terminal with colours.
func coloured(out io.Writer, env []string) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && environ.Get(env, "NO_COLOR") == "" && environ.Get(env, "TERM") != "dumb"
}

// examine runs all checks.
func (host Host) examine(cmd *cobra.Command, dir string) []doctor.Finding {
	begun := time.Now()
	found, err := os.Stat(dir)
	isDir := err == nil && found.IsDir()
	isFile := err == nil && !isDir
	hasHome, err := home.Exists(dir)
	hasHome = isDir && (hasHome || err != nil) // the configuration's check reports the error
	env := host.Env
	if running := nodeEnvironment(dir); running != nil {
		env = running
	}
	svr, configErr := readOnlyOptions(cmd, dir, env)
	house := houseOf(dir, hasHome)
	defer house.close()
	if svr != nil && house.runs() {
		house.before, _, house.err = nodeHeight(cmd.Context(), svr.Config.RPC.ListenAddress)
	}
	about, aboutErr := supervisor.AskAbout(cmd.Context(), host.Files, house.kernelDir())

	findings := append(doctor.System(supervisor.CheckSystem()), doctor.Node(about, aboutErr))
	support, jailErr := vmproc.JailSupport(host.Files, home.Layout(dir))
	wanted, transport := "", ""
	if svr != nil {
		wanted, transport = svr.Viper.GetString(options.FlagJail), svr.Viper.GetString(options.FlagSplitTransport)
	}
	findings = append(findings,
		doctor.Jail(support, jailErr, wanted), doctor.SharedMemory(transport == options.TransportShm),
		doctor.Memory(), doctor.Disk(dir), doctor.Limits(), doctor.Clock(begun, builtAt()),
		doctor.Files(host.Files))
	if aboutErr == nil {
		findings = append(findings, doctor.VM(about)...)
	}
	switch {
	case isFile:
		findings = append(findings, doctor.NoDirectory(dir))
	case !isDir:
		findings = append(findings, doctor.NoHome(dir))
	case !hasHome:
		findings = append(findings, doctor.NotAHome(dir, entriesOf(dir)))
	default:
		findings = append(findings, doctor.Config(dir, configErr))
		if svr != nil {
			findings = append(findings, house.examine(cmd.Context(), svr, about, aboutErr)...)
		}
	}
	if svr != nil {
		findings = append(findings, doctor.Addresses(host.addresses(svr), house.node)...)
	}
	return findings
}

// entriesOf returns the names in a directory.
func entriesOf(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		names = append(names, visible.Text(entry.Name()))
	}
	return names
}

// readOnlyOptions reads the options of a home as start does, without writing to
// it: defaults of absent files are written to a temporary directory instead.
func readOnlyOptions(cmd *cobra.Command, dir string, env []string) (*server.Context, error) {
	temp, err := os.MkdirTemp("", "agd-doctor-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	source := dir
	for _, name := range []string{"config.toml", "app.toml"} {
		if _, err := os.Stat(filepath.Join(dir, "config", name)); errors.Is(err, os.ErrNotExist) {
			source = temp
		}
	}
	if source == temp {
		if err := copyConfig(dir, temp); err != nil {
			return nil, err
		}
	}
	if err := options.Read(cmd, source, env); err != nil {
		return nil, err
	}
	svr := server.GetServerContextFromCmd(cmd)
	svr.Config.SetRoot(dir)
	svr.Viper.Set(flags.FlagHome, dir)
	return svr, nil
}

// copyConfig copies the existing configuration files of a home.
func copyConfig(from, to string) error {
	if err := os.Mkdir(filepath.Join(to, "config"), 0o700); err != nil {
		return err
	}
	for _, name := range []string{"config.toml", "app.toml"} {
		text, err := os.ReadFile(filepath.Join(from, "config", name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, "config", name), text, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addresses returns the addresses of a node with these options.
func (host Host) addresses(svr *server.Context) []doctor.Address {
	config, err := serverconfig.GetConfig(svr.Viper)
	var opts options.Options
	if err == nil {
		opts, err = options.Of(svr.Viper)
	}
	var listens []node.Listen
	if err == nil {
		listens, err = node.Listens(svr.Config, config, opts, host.Env)
	}
	if err != nil {
		return []doctor.Address{{Option: "app.toml", Err: err}}
	}
	var all []doctor.Address
	for _, listen := range listens {
		all = append(all, doctor.Address(listen))
	}
	return all
}
