package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
)

const (
	flagCore = "core"
	flagYes  = "yes"
	// commandFund and commandReset name the subcommands; the hints after set-up
	// name them, too.
	commandFund  = "fund"
	commandReset = "reset"
)

// devnetOptions are the flags of `agd devnet` and its subcommands.
type devnetOptions struct {
	home  string
	core  bool
	split bool
	yes   bool
}

// devnetMark is the file that marks a home made by `agd devnet`
// (packages/localnet/src/devnet/make.ts). agd devnet runs and removes only such
// a home.
const devnetMark = "devnet.json"

// devnetRecord is the content of devnetMark.
type devnetRecord struct {
	Version int  `json:"version"`
	Core    bool `json:"core"`
}

var errNoDevnet = errors.New("no chain")

// made returns the chain of the home. It returns errNoDevnet if the directory
// is absent or empty.
func (given devnetOptions) made() (devnetRecord, error) {
	var found devnetRecord
	file := filepath.Join(given.home, devnetMark)
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return found, given.vacant()
	}
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	switch {
	case err != nil:
		return found, fmt.Errorf("%s: %w: remove the directory, or choose another --home", file, err)
	case given.core && !found.Core:
		return found, fmt.Errorf("--%s: the chain in %q has the demonstration vat: choose another --home, or remove the chain with `agd devnet %s`", flagCore, given.home, commandReset)
	}
	return found, nil
}

// booted reports whether a kernel has run on the chain.
func (given devnetOptions) booted() bool {
	_, err := os.Stat(filepath.Join(given.home, "data", "agoric"))
	return err == nil
}

// vacant returns errNoDevnet if a chain can be created in the home, otherwise
// the reason why not.
func (given devnetOptions) vacant() error {
	switch entries, err := os.ReadDir(given.home); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("--home: %w: choose a directory", err)
	case len(entries) > 0:
		return fmt.Errorf("%q has files that agd devnet did not make: choose another --home; agd start runs any chain", given.home)
	}
	return fmt.Errorf("%w in %q: agd devnet makes one", errNoDevnet, given.home)
}

// hasFaucet returns the reason why no faucet sends coins on the home's chain.
func (given devnetOptions) hasFaucet() error {
	_, err := given.made()
	if errors.Is(err, errNoDevnet) {
		return fmt.Errorf("%w in %q: name the chain's home with --home, or make a chain with agd devnet", errNoDevnet, given.home)
	}
	if other, homeErr := home.Exists(given.home); err != nil && homeErr == nil && other {
		if _, statErr := os.Stat(filepath.Join(given.home, devnetMark)); errors.Is(statErr, os.ErrNotExist) {
			return fmt.Errorf("the chain of %q has no faucet, since agd devnet did not make it: send coins of an account of yours: agd tx bank send FROM TO AMOUNT --home %s",
				given.home, shell.Quote(given.home))
		}
	}
	return err
}

func resetDevnetCommand(host Host, given *devnetOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use:     commandReset,
		Short:   "Remove the chain, its keys included; the next run makes another",
		Example: "agd devnet reset\nagd devnet reset --core --yes",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			given, err := given.complete(cmd, host.Env)
			if err != nil {
				return err
			}
			return resetDevnet(given, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVarP(&given.yes, flagYes, "y", false, "Do not ask")
	return cmd
}

func resetDevnet(given devnetOptions, in io.Reader, out io.Writer) error {
	if _, err := given.made(); err != nil {
		return err
	}
	lock, err := home.Lock(given.home)
	if err != nil {
		return err
	}
	defer lock.Close()
	if !given.yes {
		file, ok := in.(*os.File)
		if !ok || !term.IsTerminal(int(file.Fd())) {
			return fmt.Errorf("agd devnet %s removes %q: there is no terminal to ask at: add --%s", commandReset, given.home, flagYes)
		}
		if !ask(in, out, fmt.Sprintf("Remove the chain in %s, with its keys?", given.home)) {
			return printLine(out, "nothing removed")
		}
	}
	if err := removeHome(given.home); err != nil {
		return err
	}
	return printLine(out, "removed "+given.home)
}

// removeHome removes a home. It renames the home first, so that a half-removed
// one is never taken for a chain.
func removeHome(dir string) error {
	aside, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".removed-")
	if err != nil {
		return err
	}
	if err := os.Rename(dir, filepath.Join(aside, "home")); err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	return os.RemoveAll(aside)
}

// typed is how the user types agd's name in any directory: agd if PATH has this
// one, else its path.
func (host Host) typed() string {
	binary := host.Files.Binary
	if binary == "" {
		return app.Name
	}
	if found, err := exec.LookPath(app.Name); err == nil {
		if real, err := filepath.EvalSymlinks(found); err == nil && real == binary {
			return app.Name
		}
	}
	// An installation has a link in PREFIX/bin to PREFIX/lib/agd-bridge.
	link := filepath.Join(filepath.Dir(binary), "..", "..", "bin", app.Name)
	if real, err := filepath.EvalSymlinks(link); err == nil && real == binary {
		binary = link
	}
	return shell.Quote(binary)
}

// shortened is a path as a user in the working directory types it.
func shortened(path string) string {
	if dir, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(short) {
			return "./" + short
		}
	}
	return path
}

// ask reads a line from in, and reports whether it agrees.
func ask(in io.Reader, out io.Writer, question string) bool {
	fmt.Fprintf(out, "%s [y/N] ", question)
	var answer string
	_, _ = fmt.Fscanln(in, &answer)
	return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")
}
