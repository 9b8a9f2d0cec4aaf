package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// ErrBusy is returned for a block action while another one runs.
var ErrBusy = errors.New("a block action is already running")

// ErrNoKernel is returned by a Controller without a bridge: the command that
// opened the app runs no blocks.
var ErrNoKernel = errors.New("this command runs without a kernel")

// Registrar is the part of a bridge that registers handlers.
type Registrar interface {
	Handle(method string, h bridge.Handler) error
}

// Controller implements BlockRunner on a bridge. It holds the one running block
// action, its context for the downcalls, and the drain state. All methods are
// safe for concurrent use.
type Controller struct {
	caller      bridge.Caller
	reportEvery time.Duration
	// tracers is nil without OpenTelemetry.
	tracers *Tracers

	mu       sync.Mutex
	running  *running
	draining bool
	// committing, if not nil, is closed at the end of the block whose commit
	// has started: the kernel's store has that block.
	committing chan struct{}
	// open: a block, or the kernel's start, has begun that the kernel's store
	// does not have.
	open bool
}

// running is one block action. done is closed at its end.
type running struct {
	method string
	ctx    context.Context
	done   chan struct{}
	spans  *actionSpans
	// downcalls counts the downcalls of the action.
	downcalls atomic.Int64
	// failed is the first downcall that agd could not serve.
	failed atomic.Pointer[Failure]
}

var _ BlockRunner = (*Controller)(nil)

// NewController returns a controller that calls the kernel through caller. The
// caller of NewController keeps ownership of the bridge. With a nil caller, the
// controller refuses block actions.
func NewController(caller bridge.Caller) *Controller {
	return &Controller{caller: caller, reportEvery: 10 * time.Second}
}

// Trace makes spans of all block actions that follow; none with nil. It precedes
// the first one.
func (c *Controller) Trace(t *Tracers) { c.tracers = t }

// Serve registers the downcalls with the bridge and wraps them in the checks of
// their params and results.
func (c *Controller) Serve(r Registrar, all ...Downcalls) error {
	for _, calls := range all {
		for method, call := range calls {
			checked, err := Checked(method, call)
			if err != nil {
				return err
			}
			if err := r.Handle(method, c.handler(method, checked)); err != nil {
				return err
			}
		}
	}
	return nil
}

// BlockAction implements BlockRunner. After Drain it neither starts nor fails: the
// goroutine is parked until the process ends, so that no block is committed and
// consensus sees no spurious error. An action fails if agd could not serve one
// of its downcalls, even if the kernel completed the action.
func (c *Controller) BlockAction(ctx sdk.Context, method string, action any) (json.RawMessage, error) {
	if c.caller == nil {
		return nil, ErrNoKernel
	}
	param, err := Marshal(action)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	ctx, spans := c.tracers.action(ctx, method)
	end, err := c.begin(ctx, method, spans)
	if err != nil {
		spans.end(err)
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	result, err := c.call(context.Background(), method, param)
	err, draining := end(err)
	spans.end(err)
	if err != nil {
		if draining {
			select {}
		}
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return result, nil
}

// call makes an upcall with one param, and checks the param and the result.
func (c *Controller) call(ctx context.Context, method string, param json.RawMessage) (json.RawMessage, error) {
	m, err := lookup(method, "upcall")
	if err != nil {
		return nil, err
	}
	if err := m.checkParams([]json.RawMessage{param}); err != nil {
		return nil, &bridge.LocalError{Message: err.Error()}
	}
	result, err := c.caller.Call(ctx, method, param)
	if err != nil {
		return nil, err
	}
	if err := m.checkResult(result); err != nil {
		return nil, &bridge.ProtocolError{Message: err.Error()}
	}
	return result, nil
}

// Drain prevents further block actions and waits for the end of the running
// one, or until ctx is done (then it returns ctx's error). The chain's store must
// commit a block that the kernel's store has committed, so Drain also waits
// for the end of AfterCommitBlock. It does not wait for Init, which may take
// minutes and has nothing to keep before the first commit.
func (c *Controller) Drain(ctx context.Context) error {
	for {
		c.mu.Lock()
		c.draining = true
		current, end := c.running, c.committing
		c.mu.Unlock()
		if current != nil {
			end = current.done
		}
		if end == nil || current != nil && current.method == MethodInit {
			return nil
		}
		select {
		case <-end:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// begin starts the one block action. end ends it with the kernel's error, if
// any. It returns the action's error and whether Drain was called during the
// action.
func (c *Controller) begin(ctx sdk.Context, method string, spans *actionSpans) (end func(err error) (failure error, draining bool), err error) {
	c.mu.Lock()
	if c.draining && (c.committing == nil || method != MethodAfterCommitBlock) {
		c.mu.Unlock()
		select {}
	}
	defer c.mu.Unlock()
	if c.running != nil {
		return nil, ErrBusy
	}
	action := &running{method: method, ctx: ctx, done: make(chan struct{}), spans: spans}
	c.running = action
	c.open = c.open || method != MethodAfterCommitBlock
	go action.report(c.reportEvery)
	return func(err error) (error, bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running = nil
		close(action.done)
		if failed := action.failed.Load(); failed != nil {
			err = failed
		}
		c.noteCommit(method, err == nil)
		return err, c.draining
	}, nil
}

// BlockOpen reports whether a block, or the kernel's start, has begun that the
// kernel's store does not have: the next start repeats it.
func (c *Controller) BlockOpen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

// noteCommit updates committing and open at the end of an action.
func (c *Controller) noteCommit(method string, ok bool) {
	switch method {
	case MethodInit:
		c.open = !ok
	case MethodCommitBlock:
		c.open = !ok
		if ok && c.committing == nil {
			c.committing = make(chan struct{})
		}
	case MethodAfterCommitBlock:
		if c.committing != nil {
			close(c.committing)
			c.committing = nil
		}
	}
}

func (c *Controller) handler(method string, call Downcall) bridge.Handler {
	return func(_ context.Context, params []json.RawMessage) (json.RawMessage, error) {
		c.mu.Lock()
		current := c.running
		c.mu.Unlock()
		if current == nil {
			return nil, fmt.Errorf("%s: no block action is running", method)
		}
		current.downcalls.Add(1)
		end := current.spans.downcall(method)
		result, err := call(current.ctx, params)
		end(err)
		if err != nil {
			return nil, current.refused(method, err)
		}
		if err := checkText(method, result); err != nil {
			return nil, err
		}
		return result, nil
	}
}

// refused returns the error that the kernel gets for a downcall's error.
func (r *running) refused(method string, err error) error {
	if failure := (*Failure)(nil); errors.As(err, &failure) {
		r.failed.CompareAndSwap(nil, failure)
		if failure.Stack != "" {
			sdk.UnwrapSDKContext(r.ctx).Logger().Error("downcall panicked", "method", method, "stack", failure.Stack)
		}
		return &bridge.RemoteError{Message: method + ": agd could not answer: the block fails"}
	}
	if refusal := (*Refusal)(nil); errors.As(err, &refusal) && refusal.Cause != nil {
		sdk.UnwrapSDKContext(r.ctx).Logger().Info("downcall refused", "method", method, "returned", refusal.Text, "cause", refusal.Cause.Error())
	}
	return &bridge.RemoteError{Message: err.Error()}
}
