package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/doctor"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// house is a home that the doctor examines.
type house struct {
	dir    string
	exists bool
	// node is the id of the process that holds the home's lock; 0: none, or
	// unknown.
	node int
	// held: another agd holds the lock.
	held bool
	// lock is held during the examination; nil if there is nothing to lock.
	lock io.Closer
	// before is the running node's height before the doctor reads the kernel's
	// store.
	before int64
	// err is the reason why the home cannot be locked or the node does not answer.
	err error
}

func (h *house) runs() bool { return h.node != 0 || h.held }

// houseOf locks a home that has data, unless an agd runs on it.
func houseOf(dir string, exists bool) *house {
	h := &house{dir: dir, exists: exists}
	if info, err := os.Stat(home.Layout(dir).Data()); err != nil || !info.IsDir() {
		return h
	}
	if h.node = home.Holder(dir); h.node == 0 {
		if h.lock, h.err = home.Lock(dir); errors.Is(h.err, home.ErrRuns) {
			h.held, h.err = true, nil
		}
	}
	return h
}

func (h *house) close() {
	if h.lock != nil {
		_ = h.lock.Close()
	}
}

// foreign returns the reason not to open the stores: root would leave files in
// them that their owner cannot change.
func (h *house) foreign() error {
	if err := vmproc.OwnState(home.Layout(h.dir)); err != nil && !h.runs() {
		return errors.New("not looked at, they belong to another user: run agd doctor as that user")
	}
	return nil
}

// kernelDir returns the directory of the kernel's store; "": there is none to
// read.
func (h *house) kernelDir() string {
	layout := home.Layout(h.dir)
	if h.foreign() != nil {
		return ""
	}
	if _, err := os.Stat(layout.KernelStore()); err != nil {
		return ""
	}
	return layout.KernelState()
}

// examine checks the content of a home, with the checks of start (preflight).
//
// aboutErr is the reason why about is not known: then neither is the kernel's
// store.
func (h *house) examine(ctx context.Context, svr *server.Context, about supervisor.About, aboutErr error) []doctor.Finding {
	findings := []doctor.Finding{doctor.Lock(h.node, h.held)}
	genesis, err := node.Genesis(svr.Config)
	findings = append(findings,
		doctor.Genesis(svr.Config.GenesisFile(), err),
		doctor.Secrets(h.dir, svr.Config.PrivValidatorKeyFile(), svr.Config.NodeKeyFile()))
	if err := home.CheckFiles(svr.Config); err != nil {
		findings = append(findings, doctor.Damaged(err))
	}
	stores := doctor.Stores{Running: h.runs(), Before: h.before, Kernel: about.Store.Height, KernelExists: about.Store.Exists}
	if genesis != nil {
		stores.Initial = genesis.InitialHeight
	}
	switch stores.Unseen = h.foreign(); {
	case stores.Unseen != nil:
	case aboutErr != nil:
		stores.Unseen = errors.New("not looked at: mend Node.js or the installation first, as above")
	case about.Refusal != "":
		stores.Unseen = errors.New("not looked at: put another version of Node.js first in PATH")
	}
	if stores.Unseen == nil {
		h.readHeights(ctx, svr, &stores)
	}
	if stores.Err == nil && about.Store.Error != "" {
		stores.Err = fmt.Errorf("the kernel's store in %q cannot be read: %s: restore the whole home directory from a backup", h.kernelDir(), about.Store.Error)
	}
	findings = append(findings, stores.Judge())
	if late := stores.LastBlock(time.Now()); late != nil {
		findings = append(findings, *late)
	}
	return findings
}

// readHeights reads the height of the chain's store, from the store itself or
// from the running node.
func (h *house) readHeights(ctx context.Context, svr *server.Context, stores *doctor.Stores) {
	switch {
	case h.err != nil || h.lock == nil && !stores.Running:
		stores.Err = h.err // nil: no data
	case stores.Running:
		stores.Chain, stores.BlockTime, stores.Err = nodeHeight(ctx, svr.Config.RPC.ListenAddress)
	default:
		if stores.Err = home.CheckDatabases(svr.Config, svr.Viper); stores.Err == nil {
			stores.Chain, stores.Err = home.Height(h.dir, svr.Viper)
		}
		if stores.Err == nil && stores.Chain > 0 {
			stores.BlockTime, _, stores.Err = home.BlockTime(svr.Config, stores.Chain)
		}
	}
}
