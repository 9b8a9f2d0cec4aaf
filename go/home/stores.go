package home

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	cometdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"

	"github.com/agd-bridge/agd-bridge/go/internal/panics"
)

// errOf adds to an error of a store its path and what to do. A panic in f is
// an error, too: the SDK and CometBFT panic where their stores cannot be read.
func errOf(path string, f func() error) error {
	err := panics.Recovered(panics.NoTrace, f)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EAGAIN):
		return fmt.Errorf("%s: in use by another process: stop it first", path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%s: %w: make room, and start again", path, err)
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s: %w: run agd as the home's owner", path, err)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("%s: %w: raise the limit (ulimit -n)", path, err)
	default:
		return fmt.Errorf("%s: %w: %s", path, err, remedyOf(path))
	}
}

// OpenChainStore opens the application's database, which is made if it is not
// there. Errors name it.
func OpenChainStore(home string, options *viper.Viper) (db dbm.DB, err error) {
	layout := Layout(home)
	err = errOf(layout.ChainStore(), func() error {
		db, err = dbm.NewDB("application", server.GetAppDBBackend(options), layout.Data())
		return err
	})
	return db, err
}

// OpenCometStore is a DBProvider of CometBFT whose errors name the database.
func OpenCometStore(ctx *cmtcfg.DBContext) (db cometdb.DB, err error) {
	err = errOf(filepath.Join(ctx.Config.DBDir(), ctx.ID+".db"), func() error {
		db, err = cmtcfg.DefaultDBProvider(ctx)
		return err
	})
	return db, err
}

// CheckDatabases opens each of a home's databases that is there, and refuses
// those that do not fit together: CometBFT would panic, after the kernel's
// start and without a path.
func CheckDatabases(comet *cmtcfg.Config, options *viper.Viper) error {
	for _, id := range []string{"evidence", "tx_index"} {
		if err := readCometStore(comet, id, func(cometdb.DB) error { return nil }); err != nil {
			return err
		}
	}
	if err := checkSnapshotStore(comet.RootDir, options); err != nil {
		return err
	}
	if err := checkKernelStore(Layout(comet.RootDir).KernelStore()); err != nil {
		return err
	}
	heights, err := storeHeightsOf(comet, options)
	if err != nil {
		return err
	}
	return heights.check(comet)
}

// readCometStore opens one of CometBFT's databases, if it is there, for the
// time of read.
func readCometStore(comet *cmtcfg.Config, id string, read func(cometdb.DB) error) error {
	path := filepath.Join(comet.DBDir(), id+".db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	db, err := OpenCometStore(&cmtcfg.DBContext{ID: id, Config: comet})
	if err != nil {
		return err
	}
	defer db.Close()
	return errOf(path, func() error { return read(db) })
}

func checkSnapshotStore(home string, options *viper.Viper) error {
	dir := Layout(home).Snapshots()
	if err := checkKind(dir, true); err != nil {
		return err
	}
	path := filepath.Join(dir, "metadata.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return errOf(path, func() error {
		db, err := dbm.NewDB("metadata", server.GetAppDBBackend(options), dir)
		if err != nil {
			return err
		}
		return db.Close()
	})
}

// The first bytes of an SQLite database, and where its header has the size of
// a page and their number (https://www.sqlite.org/fileformat.html).
const (
	sqliteMagic    = "SQLite format 3\x00"
	sqlitePageSize = 16
	sqlitePages    = 28
	sqliteHeader   = 100
)

// checkKernelStore refuses a kernel's store that is no SQLite database, or is
// cut off. An empty one is as good as none here.
func checkKernelStore(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return nil
	}
	if err := checkKind(path, false); err != nil {
		return err
	}
	return errOf(path, func() error {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		header := make([]byte, sqliteHeader)
		if _, err := io.ReadFull(file, header); err != nil || string(header[:len(sqliteMagic)]) != sqliteMagic {
			return errors.New("not an SQLite database")
		}
		page := int64(binary.BigEndian.Uint16(header[sqlitePageSize:]))
		if page == 1 {
			page = 65536
		}
		size := page * int64(binary.BigEndian.Uint32(header[sqlitePages:]))
		// Pages that are not here yet may be in the write-ahead log.
		log, err := os.Stat(path + "-wal")
		if size > info.Size() && (err != nil || log.Size() == 0) {
			return fmt.Errorf("this SQLite database is cut off after %d of %d bytes", info.Size(), size)
		}
		return nil
	})
}

// storeHeights are the last blocks that the chain's stores know of; 0: none.
type storeHeights struct {
	// state is CometBFT's, app the application's.
	state, app int64
	// first and last are the blocks that there are.
	first, last int64
	// synced: CometBFT's state is from a snapshot, and no block is needed.
	synced bool
}

func storeHeightsOf(comet *cmtcfg.Config, options *viper.Viper) (heights storeHeights, err error) {
	err = readCometStore(comet, "state", func(db cometdb.DB) error {
		state, err := sm.NewStore(db, sm.StoreOptions{}).Load()
		heights.state = state.LastBlockHeight
		return err
	})
	if err != nil {
		return heights, err
	}
	err = readCometStore(comet, "blockstore", func(db cometdb.DB) error {
		blocks := store.NewBlockStore(db)
		heights.first, heights.last = blocks.Base(), blocks.Height()
		heights.synced = heights.state > 0 && blocks.LoadSeenCommit(heights.state) != nil
		return nil
	})
	if err == nil {
		heights.app, err = Height(comet.RootDir, options)
	}
	return heights, err
}

// check refuses heights from which CometBFT cannot continue (its
// consensus/replay.go): the blocks end at the state's height or one beyond,
// and the application has none that CometBFT has not, and can be given what it
// lacks.
func (h storeHeights) check(comet *cmtcfg.Config) error {
	blocks := filepath.Join(comet.DBDir(), "blockstore.db")
	state := filepath.Join(comet.DBDir(), "state.db")
	app := Layout(comet.RootDir).ChainStore()
	differ := func(format string, args ...any) error {
		return fmt.Errorf(format+": they belong together: "+restoreHome, args...)
	}
	switch {
	case h.last == 0 && h.state == 0 && h.app > 0:
		return fmt.Errorf("%s is at height %d, but %s and %s have no block: after `agd snapshots restore` run `agd comet bootstrap-state`, else %s",
			app, h.app, blocks, state, restoreHome)
	case h.last == 0 && h.state > 0 && !h.synced:
		return differ("%s has no block, but %s is at height %d", blocks, state, h.state)
	case h.last > h.first && h.state == 0 && h.app > 0: // after a death in the first block's commit they are alike
		return differ("%s has no block, but %s ends with block %d", state, blocks, h.last)
	case h.last > 0 && h.last < h.state:
		return differ("%s ends with block %d, but %s is at height %d", blocks, h.last, state, h.state)
	case h.state > 0 && h.last > h.state+1:
		return differ("%s is at height %d, but %s ends with block %d", state, h.state, blocks, h.last)
	case h.app > max(h.last, h.state):
		return differ("%s is at height %d, but %s ends with block %d", app, h.app, blocks, h.last)
	case h.app > 0 && h.app < h.first-1:
		return differ("%s is at height %d, but %s begins with block %d", app, h.app, blocks, h.first)
	}
	return nil
}

// Height is the height of a home's chain store; 0: it has none.
func Height(home string, options *viper.Viper) (height int64, err error) {
	path := Layout(home).ChainStore()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	db, err := OpenChainStore(home, options)
	if err != nil {
		return 0, err
	}
	err = errOf(path, func() error {
		height = rootmulti.GetLatestVersion(db)
		return nil
	})
	return height, errors.Join(err, db.Close())
}

// BlockTime is the time of a block that CometBFT has, which must not run yet.
func BlockTime(comet *cmtcfg.Config, height int64) (at time.Time, found bool, err error) {
	err = readCometStore(comet, "blockstore", func(db cometdb.DB) error {
		if meta := store.NewBlockStore(db).LoadBlockMeta(height); meta != nil {
			at, found = meta.Header.Time, true
		}
		return nil
	})
	return at, found, err
}

// CheckNoChainStore refuses to state-sync a home that has a chain's store but no
// block: an earlier state-sync was interrupted.
func CheckNoChainStore(home string, options *viper.Viper) error {
	height, err := Height(home, options)
	if err == nil && height > 0 {
		err = fmt.Errorf("%s has a chain's store at height %d, but no block: a state-sync did not end; reset with `agd comet unsafe-reset-all`, and start again", home, height)
	}
	return err
}
