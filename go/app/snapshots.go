package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/spf13/cast"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdksnapshots "github.com/cosmos/cosmos-sdk/store/v2/snapshots"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// BaseOptions are the options of the SDK's own part of the app. What it would
// do at the heights of state-sync.snapshot-interval is left to the app: the
// SDK begins a snapshot before the kernel knows that the block is committed.
func BaseOptions(opts servertypes.AppOptions) []func(*baseapp.BaseApp) {
	return server.DefaultBaseappOptions(noInterval{opts})
}

type noInterval struct{ servertypes.AppOptions }

// Get implements servertypes.AppOptions.
func (o noInterval) Get(name string) any {
	if name == server.FlagStateSyncSnapshotInterval {
		return 0
	}
	return o.AppOptions.Get(name)
}

// snapshots makes those from which other nodes state-sync, of chain and kernel
// at one height, while blocks go on. One at a time. A failure is logged: it
// costs the snapshot, not the node, unless the VM has broken the protocol.
type snapshots struct {
	logger     log.Logger
	watch      Watcher
	manager    *sdksnapshots.Manager
	store      storetypes.CommitMultiStore
	kernel     *swingstore.Snapshotter
	interval   uint64 // blocks; 0: none are made
	keepRecent uint32 // 0: all

	// counting: pruning counts from a height of the interval. Consensus'
	// goroutine alone uses it.
	counting bool

	// ctx ends when no further snapshot is to be begun, and the one that is
	// being made is to fail.
	ctx  context.Context
	stop context.CancelFunc

	mu sync.Mutex
	// begun is closed when the kernel has begun its part of the last one,
	// made when that is complete or has failed.
	begun, made chan struct{}
}

func newSnapshots(app *App, opts servertypes.AppOptions) (*snapshots, error) {
	s := &snapshots{
		logger:  app.Logger().With(log.ModuleKey, "snapshots"),
		watch:   app.watch,
		manager: app.SnapshotManager(),
		store:   app.CommitMultiStore(),
		kernel:  swingstore.NewSnapshotter(app.kernel, app.swingStore.Dirs, app.restoredExportData),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.manager == nil {
		return s, nil
	}
	s.interval = cast.ToUint64(opts.Get(server.FlagStateSyncSnapshotInterval))
	s.keepRecent = cast.ToUint32(opts.Get(server.FlagStateSyncSnapshotKeepRecent))
	// Pruning leaves a height until its snapshot is made.
	s.store.SetSnapshotInterval(s.interval)
	return s, s.manager.RegisterExtensions(s.kernel)
}

// restoredExportData are the kernel's export data of a chain's store that was
// restored from a snapshot of a height.
func (app *App) restoredExportData(height int64) ([]*swingsettypes.SwingStoreExportDataEntry, error) {
	if err := app.checkVersions(false); err != nil {
		return nil, err
	}
	return app.SwingSet.ExportData(app.NewContext(true).WithBlockHeight(height))
}

// countPruning lets pruning count from the last height at which a snapshot was
// due, before this process commits its first block. The store counts from the
// last snapshot it knows of, from 0 if there is none, and takes every interval
// without a snapshot for one whose snapshot is still being made. So it would
// prune nothing where snapshots were switched on at a later height, where the
// chain's first height is a later one, and after a state-sync. No snapshot is
// being made when a process starts: what is due begins with this process.
func (s *snapshots) countPruning(height int64) {
	if s.counting || s.interval == 0 {
		return
	}
	s.counting = true
	last := uint64(height-1) / s.interval * s.interval
	if last == 0 {
		return
	}
	// The distance from 0, so that none seems to be missing in between.
	s.store.SetSnapshotInterval(last)
	s.store.PruneSnapshotHeight(int64(last))
	s.store.SetSnapshotInterval(s.interval)
}

// begin lets a snapshot of the block that both stores have committed be made,
// if one is due.
func (s *snapshots) begin(height int64) {
	if s.interval == 0 || uint64(height)%s.interval != 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !isClosed(s.made) {
		s.logger.Error("no state snapshot: the one before is still being made (a longer state-sync.snapshot-interval leaves it more time)", "height", height)
		s.store.PruneSnapshotHeight(height)
		return
	}
	if s.ctx.Err() == nil {
		s.begun, s.made = make(chan struct{}), make(chan struct{})
		go s.make(height, s.begun, s.made)
	}
}

// settle returns when the kernel's store may go on to the next height.
func (s *snapshots) settle() {
	s.mu.Lock()
	begun := s.begun
	s.mu.Unlock()
	if begun != nil {
		<-begun
	}
}

// StopSnapshot ends a snapshot that is being made, and lets none begin. It
// returns when the kernel has no part in one any more, or ctx is done. The
// chain's store must not be closed before: Close waits for that.
func (app *App) StopSnapshot(ctx context.Context) {
	app.snapshots.stop()
	select {
	case <-app.snapshots.last():
	case <-ctx.Done():
	}
}

// Close implements servertypes.Application.
func (app *App) Close() error {
	app.snapshots.stop()
	<-app.snapshots.last()
	return app.BaseApp.Close()
}

// last is closed when no snapshot is being made.
func (s *snapshots) last() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		s.made = make(chan struct{})
		close(s.made)
	}
	return s.made
}

// retained is the first height of which blocks must be kept, given which the
// operator and the chain want and the height that was committed: a node that
// takes the oldest snapshot needs the blocks since. 0: all.
func (s *snapshots) retained(wanted, height int64) int64 {
	if wanted == 0 || s.interval == 0 {
		return wanted
	}
	return min(wanted, max(0, height-int64(s.interval*uint64(s.keepRecent))))
}

func (s *snapshots) make(height int64, begun, made chan<- struct{}) {
	defer close(made)
	s.logger.Info("creating state snapshot", "height", height)
	began := time.Now()
	err := s.kernel.Begin(s.ctx, height)
	close(begun)
	if err != nil {
		s.store.PruneSnapshotHeight(height)
		s.failed(height, err)
		return
	}
	snapshot, err := s.manager.Create(uint64(height))
	if err = errors.Join(err, s.kernel.Discard()); err != nil {
		s.failed(height, err)
		return
	}
	s.logger.Info("completed state snapshot", "height", height, "format", snapshot.Format,
		"chunks", snapshot.Chunks, "seconds", time.Since(began).Seconds())
	if s.keepRecent == 0 {
		return
	}
	if _, err := s.manager.Prune(s.keepRecent); err != nil {
		s.logger.Error("failed to prune state snapshots", "err", err)
	}
}

func (s *snapshots) failed(height int64, err error) {
	if s.ctx.Err() != nil {
		err = errors.New("the node stops")
	}
	s.logger.Error("failed to create state snapshot", "height", height, "err", err)
	var protocol *bridge.ProtocolError
	if errors.As(err, &protocol) && s.ctx.Err() == nil {
		s.watch.VMFailed(protocol)
	}
}

// isClosed tells whether a channel is closed, or there is none.
func isClosed(c <-chan struct{}) bool {
	if c == nil {
		return true
	}
	select {
	case <-c:
		return true
	default:
		return false
	}
}
