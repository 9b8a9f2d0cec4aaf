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

// BaseOptions are the options of the SDK's part of the app. The app handles
// state-sync.snapshot-interval itself, because the SDK starts a snapshot before
// the kernel knows that the block is committed.
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

// snapshots makes the snapshots from which other nodes state-sync, of chain and
// kernel at one height, while blocks continue. It makes one at a time. A
// failure is logged: it costs the snapshot, not the node, unless the VM has
// violated the protocol.
type snapshots struct {
	logger     log.Logger
	watch      Watcher
	manager    *sdksnapshots.Manager
	store      storetypes.CommitMultiStore
	exporter   *swingstore.Snapshotter
	interval   uint64 // in blocks; 0: no snapshots
	keepRecent uint32 // 0: all

	// counting: pruning counts from a height of the interval. Only consensus'
	// goroutine uses it.
	counting bool

	// ctx is cancelled when no further snapshot may start and the running one
	// must fail.
	ctx  context.Context
	stop context.CancelFunc

	mu sync.Mutex
	// begun is closed when the kernel has started its part of the last
	// snapshot, made when that snapshot is complete or has failed.
	begun, made chan struct{}
}

func newSnapshots(app *App, opts servertypes.AppOptions) (*snapshots, error) {
	s := &snapshots{
		logger:   app.Logger().With(log.ModuleKey, "snapshots"),
		watch:    app.watch,
		manager:  app.SnapshotManager(),
		store:    app.CommitMultiStore(),
		exporter: swingstore.NewSnapshotter(app.controller, app.swingStore.Dirs, app.restoredExportData),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.manager == nil {
		return s, nil
	}
	s.interval = cast.ToUint64(opts.Get(server.FlagStateSyncSnapshotInterval))
	s.keepRecent = cast.ToUint32(opts.Get(server.FlagStateSyncSnapshotKeepRecent))
	// Pruning must keep a height until its snapshot is complete.
	s.store.SetSnapshotInterval(s.interval)
	return s, s.manager.RegisterExtensions(s.exporter)
}

// restoredExportData returns the kernel's export data from a chain's store that
// was restored from a snapshot of a height.
func (app *App) restoredExportData(height int64) ([]*swingsettypes.SwingStoreExportDataEntry, error) {
	if err := app.checkVersions(false); err != nil {
		return nil, err
	}
	return app.SwingSet.ExportData(app.NewContext(true).WithBlockHeight(height))
}

// countPruning makes pruning count from the last height at which a snapshot was
// due, before this process commits its first block. The store counts from the
// last snapshot it knows of, or from 0, and takes every interval without a
// snapshot for one whose snapshot is still in progress. So it would prune
// nothing if snapshots were enabled at a later height, if the chain's first
// height is not 1, and after a state-sync. No snapshot is in progress when a
// process starts: the first one due starts in this process.
func (s *snapshots) countPruning(height int64) {
	if s.counting || s.interval == 0 {
		return
	}
	s.counting = true
	last := uint64(height-1) / s.interval * s.interval
	if last == 0 {
		return
	}
	// Use the distance from 0, so that no snapshot in between seems to be
	// missing.
	s.store.SetSnapshotInterval(last)
	s.store.PruneSnapshotHeight(int64(last))
	s.store.SetSnapshotInterval(s.interval)
}

// begin starts a snapshot of the block that both stores have committed, if one
// is due.
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

// settle returns when the kernel's store may advance to the next height.
func (s *snapshots) settle() {
	s.mu.Lock()
	begun := s.begun
	s.mu.Unlock()
	if begun != nil {
		<-begun
	}
}

// StopSnapshot stops a snapshot in progress and prevents new ones. It returns
// when the kernel no longer takes part in one, or ctx is done. The chain's
// store must not be closed earlier; Close waits for that.
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

// last returns a channel that is closed when no snapshot is in progress.
func (s *snapshots) last() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made == nil {
		s.made = make(chan struct{})
		close(s.made)
	}
	return s.made
}

// retained returns the first height whose block must be kept; 0 means all.
// wanted is what the operator and the chain ask for, height the committed
// height. A node that restores the oldest snapshot needs the blocks since then.
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
	err := s.exporter.Begin(s.ctx, height)
	close(begun)
	if err != nil {
		s.store.PruneSnapshotHeight(height)
		s.failed(height, err)
		return
	}
	snapshot, err := s.manager.Create(uint64(height))
	if err = errors.Join(err, s.exporter.Discard()); err != nil {
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

// isClosed reports whether a channel is closed or nil.
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
