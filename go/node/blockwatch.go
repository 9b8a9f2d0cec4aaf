package node

import (
	"fmt"
	"os"
	"sync"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// blockWatch receives the outcome of blocks from the app. It logs the first block
// with the mode that made it, and keeps the first failure.
type blockWatch struct {
	// failed is closed at the first failure.
	failed chan struct{}

	// began gets the height of the first block, once.
	began chan int64

	first sync.Once
	log   func(height int64)

	mu  sync.Mutex
	err error
}

var _ app.Watcher = (*blockWatch)(nil)

func newBlockWatch(logger log.Logger, conn *vmproc.Conn) *blockWatch {
	return &blockWatch{
		failed: make(chan struct{}),
		began:  make(chan int64, 1),
		log: func(height int64) {
			logger.Info("first block of this run committed",
				"height", height, "mode", string(conn.Mode), "agd_pid", os.Getpid(), "vm_pid", conn.PID())
		},
	}
}

// BlockCommitted implements app.Watcher.
func (w *blockWatch) BlockCommitted(height int64) {
	w.first.Do(func() {
		w.log(height)
		w.began <- height
	})
}

// BlockFailed implements app.Watcher.
func (w *blockWatch) BlockFailed(err error) { w.fail(fmt.Errorf("block failed: %w", err)) }

// VMFailed implements app.Watcher.
func (w *blockWatch) VMFailed(err error) { w.fail(fmt.Errorf("the VM broke the protocol: %w", err)) }

// fail records a failure after which no block can be made.
func (w *blockWatch) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
		close(w.failed)
	}
}

func (w *blockWatch) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
