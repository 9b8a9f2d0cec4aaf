package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/snapshot"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// snapshotsCommand has what looks at local snapshots, moves and deletes them,
// and, with the kernel, restores from one.
func snapshotsCommand(host Host) *cobra.Command {
	cmd := snapshot.Cmd(openApp)
	for _, sub := range cmd.Commands() {
		switch sub.Name() {
		case "export":
			refused(sub, "the kernel's part is made while a block of its height is the latest: let a node make snapshots, with --state-sync.snapshot-interval")
		case "restore":
			cmd.RemoveCommand(sub)
		default:
			kernelless(locked(sub))
		}
	}
	cmd.AddCommand(restoreSnapshotCommand(host))
	return cmd
}

func restoreSnapshotCommand(host Host) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore HEIGHT FORMAT",
		Short: "Restore the chain's and the kernel's store from a local snapshot",
		Long: `Restore the chain's and the kernel's store from a local snapshot, which
"agd snapshots list" shows. The home directory must have neither store yet
("agd comet unsafe-reset-all" removes both, and the local snapshots too).

Afterwards CometBFT has no block: run "agd comet bootstrap-state", so that it
continues at this height.

The kernel restores its own store: --split selects where it runs, as for start.
Both modes produce the same stores.

Exit codes: 0 done, 1 failed, 98 stopped by a signal.`,
		Example: "agd snapshots list\nagd snapshots restore 1000 3",
		Args:    cobra.ExactArgs(2),
		RunE: logToStderr(func(cmd *cobra.Command, args []string) error {
			height, err := strconv.ParseUint(args[0], 10, 63)
			if err != nil {
				return fmt.Errorf("HEIGHT: expected a block's height, got %q", args[0])
			}
			format, err := strconv.ParseUint(args[1], 10, 32)
			if err != nil {
				return fmt.Errorf("FORMAT: expected the number of a format, got %q", args[1])
			}
			return host.restoreSnapshot(server.GetServerContextFromCmd(cmd), height, uint32(format))
		}),
	}
	options.AddKernelFlags(cmd)
	return cmd
}

// restoreSnapshot makes the stores of a home those of one of its snapshots.
func (host Host) restoreSnapshot(svr *server.Context, height uint64, format uint32) error {
	dir := svr.Config.RootDir
	env, temp, err := home.NewVMTemp(host.Env, dir)
	if err != nil {
		return err
	}
	host.Env = env
	limits, err := host.enterMode(svr)
	if err != nil {
		return err
	}
	lock, err := home.Lock(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	defer temp.Remove() // after the VM's end
	if err := temp.Empty(); err != nil {
		return err
	}
	at, err := home.Height(dir, svr.Viper)
	if err != nil {
		return err
	}
	if at > 0 {
		return fmt.Errorf("%s has a chain's store already, at height %d: restore into a home without one", dir, at)
	}
	kernel, stop, err := host.connect(svr, limits)
	if err != nil {
		return err
	}
	defer kernel.end(stop)
	restored := make(chan error, 1)
	go func() { restored <- restoreStores(svr, kernel, height, format) }()
	select {
	case err = <-restored:
	case <-stop.asked.Done():
		exit := stop.exitError()
		exit.err = fmt.Errorf("%w; before another try: `agd comet unsafe-reset-all`", exit.err)
		return exit
	}
	var closed *bridge.ClosedError
	switch {
	case errors.As(err, &closed):
		return kernel.died(fmt.Errorf("snapshot %d: the VM ended: %w", height, err))
	case err != nil:
		return fmt.Errorf("snapshot %d: %w", height, err)
	}
	svr.Logger.Info("restored", "height", height)
	return nil
}

func restoreStores(svr *server.Context, kernel *kernel, height uint64, format uint32) error {
	db, err := home.OpenChainStore(svr.Config.RootDir, svr.Viper)
	if err != nil {
		return err
	}
	chain, err := app.New(svr.Logger, db, app.Kernel{Controller: vm.NewController(kernel)}, svr.Viper, app.BaseOptions(svr.Viper)...)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err := checkStores(context.Background(), svr, chain, kernel); err != nil {
		return errors.Join(err, chain.Close())
	}
	return errors.Join(chain.SnapshotManager().RestoreLocalSnapshot(height, format), chain.Close())
}
