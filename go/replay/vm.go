package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
)

// Options are the options of VM.
type Options struct {
	// Launch starts the VM. Its home has the kernel's store of the trace's start,
	// or none. The replay changes it.
	Launch vmproc.Launcher
	// From is where the kernel's store comes from.
	From KernelHome
	// Blocks are those that are played. The kernel's store must be that of the block
	// before the first one.
	Blocks trace.Blocks
	// Note receives remarks for people, a line each.
	Note func(text string)
	// Committed is called after each block.
	Committed func(height int64)
	// Block, if set, receives the times of each block.
	Block func(BlockTimes)
	// All continues after a difference, as far as that can go, and reports all.
	All bool
}

// VM plays a trace to a VM. A difference is in the report; the error is
// anything else that ended the replay: a *supervisor.ExitError after a signal.
func VM(record *trace.Input, name string, o Options) (Report, error) {
	s := session{options: o, blocks: blockTimer{each: o.Block}}
	if o.All {
		s.report.All = &Differences{Methods: []MethodDifferences{}, Ports: []PortDifferences{}}
	}
	recording := Recording{Where: record.Where, Play: s.play, Note: o.Note}
	err := trace.ReadAll(record, &recording)
	if err == nil {
		err = recording.End()
	}
	if err == nil && s.resume != nil {
		err = fmt.Errorf("the kernel's store is at block %d, and the trace has no later one: there is nothing to replay: name a home directory of an earlier block with --home", s.resume.from-1)
	}
	s.end()
	s.blocks.end()
	s.report.Recorded = programsOf(recording.Head)
	s.report.All.end()
	difference, err := s.outcome(err)
	s.report.Difference = difference
	switch {
	case err != nil && !errors.Is(err, errAtEnd):
		return s.report, err
	case s.report.Upcalls == 0:
		return s.report, fmt.Errorf("%s has no block action%s: there is nothing to replay", name, o.Blocks)
	}
	s.report.Same = difference == nil
	return s.report, nil
}

// outcome returns the first difference, and the error of a replay that has none.
func (s *session) outcome(err error) (*Difference, error) {
	var difference *Difference
	if errors.As(err, &difference) {
		return difference, nil
	}
	var exit *supervisor.ExitError
	signalled := errors.As(err, &exit) && exit.Code == supervisor.ExitSignal
	all := s.report.All
	if all == nil || all.first == nil || signalled {
		return nil, err
	}
	if err != nil && !errors.Is(err, errAtEnd) {
		all.Stopped = err.Error()
	}
	return all.first, nil
}

// errAtEnd ends the reading after the last block.
var errAtEnd = errors.New("the last block was played")

// session is one replay.
type session struct {
	options Options
	report  Report
	blocks  blockTimer
	run     int
	conn    *vmproc.Conn
	stop    *vmproc.Stopper
	player  *Player
	// state is the recorded question for the store's state, which precedes Init.
	state *Exchange
	// resume is set until the first block that the store lacks.
	resume *resumption
	// pastGap: the first exchange that was played follows the missing frames.
	pastGap bool
}

// play plays the next exchange.
func (s *session) play(e *Exchange) error {
	if e.Method == vm.MethodSwingStoreState {
		s.state = e
		return nil
	}
	if s.options.Blocks.To > 0 && e.Height() > s.options.Blocks.To {
		return errAtEnd
	}
	if e.Run != s.run {
		if err := s.start(e); err != nil {
			return err
		}
	}
	if s.resume != nil {
		if skips, err := s.resumeAt(e); skips || err != nil {
			return err
		}
	}
	if e.AfterGap && !s.pastGap {
		return fmt.Errorf("frames before line %d of the trace are missing: name a home directory of block %d or later with --home", e.Line, e.Height()-1)
	}
	return s.upcall(e)
}

// resumeAt starts the kernel at the first block that its store lacks. It reports
// whether this exchange comes before.
func (s *session) resumeAt(e *Exchange) (skips bool, err error) {
	if skips, err = s.resume.skips(e); skips || err != nil {
		return skips, err
	}
	start := *s.resume.init
	start.Unchecked = true
	if start.Params, err = s.resume.atStart(e); err != nil {
		return false, err
	}
	s.resume, s.pastGap = nil, e.AfterGap
	return false, s.upcall(&start)
}

// upcall plays one exchange.
func (s *session) upcall(e *Exchange) error {
	block := s.blocks.block(e)
	s.player.Answered = func(method string, calls int, recorded, replayed time.Duration) {
		block.Downcalls.add(method, calls, recorded, replayed)
	}
	took, err := s.player.Play(s.stop.Asked, e)
	s.report.count(e)
	s.report.Times.add(e.Method, 1, e.Took, took)
	block.Phases.add(e.Method, 1, e.Took, took)
	if e.Cut || e.Error != nil {
		s.report.End = endOf(e)
	}
	var difference *Difference
	var stopped *stoppedError
	switch {
	case err == nil, errors.Is(err, ErrBeyond):
	case errors.As(err, &difference), errors.As(err, &stopped):
		return err
	case s.stop.IsAsked():
		return s.stop.ExitError()
	default:
		return fmt.Errorf("block %d, %s: %w", e.Height(), e.Method, s.conn.Died(err))
	}
	if e.Method == vm.MethodCommitBlock && s.options.Committed != nil {
		s.options.Committed(e.Height())
	}
	return nil
}

// start starts the VM for the run that begins with this exchange.
func (s *session) start(e *Exchange) error {
	if e.Method != vm.MethodInit {
		return fmt.Errorf("line %d of the trace: expected %s as the first block action of a run, got %s: the run's beginning is missing", e.Line, vm.MethodInit, e.Method)
	}
	if s.options.Launch.Hosted != nil && s.report.Starts > 0 {
		return fmt.Errorf("line %d of the trace: the VM was started again, and a replay in one process has one start: end it before block %d with --to, or replay in two processes", e.Line, e.Height())
	}
	s.end()
	if from := s.options.From; from.ChainID != "" {
		if err := sameChain(e, from.ChainID, from.Path); err != nil {
			return fmt.Errorf("line %d of the trace: %w", e.Line, err)
		}
	}
	if err := writeGenesis(s.options.Launch.Genesis, e); err != nil {
		return err
	}
	var err error
	if s.conn, s.stop, err = s.options.Launch.Connect(); err != nil {
		return err
	}
	first := s.report.Starts == 0
	s.run = e.Run
	s.report.Starts++
	s.report.Replayed = ours()
	s.report.Replayed.VM, s.report.Replayed.Mode = s.conn.Software, string(s.conn.Mode)
	if s.player, err = NewPlayer(s.conn); err != nil {
		return err
	}
	s.player.All = s.report.All
	state := s.state
	s.state, s.pastGap = nil, false
	if state == nil || state.Run != e.Run || !slices.Contains(s.conn.Capabilities, vm.MethodSwingStoreState) {
		if s.options.Blocks.From > 0 && s.report.Upcalls == 0 {
			return errors.New("--from needs a VM, and a trace of one, that reports the block of the kernel's store")
		}
	} else if err := s.checkState(state, e); err != nil {
		return err
	}
	if export := s.options.From.Export; first && export != nil {
		return swingstore.Restore(s.stop.Asked, vm.NewController(s.conn), *export)
	}
	return nil
}

// checkState compares the height of the kernel's store with that of the trace.
// A first run may begin with a later store.
func (s *session) checkState(e, init *Exchange) error {
	came, err := s.conn.Call(s.stop.Asked, e.Method, e.Params...)
	if err != nil {
		return fmt.Errorf("%s: %w", e.Method, s.conn.Died(err))
	}
	expected, err := heightOf(e.Result)
	if err != nil {
		return fmt.Errorf("line %d of the trace: %w", e.Line, err)
	}
	got, err := heightOf(came)
	nothingPlayed := s.report.Upcalls == 0
	switch from := s.options.Blocks.From; {
	case err != nil:
		return err
	case nothingPlayed && from > 0 && got != from-1 && !(got == 0 && init.Height() == from):
		return fmt.Errorf("--from %d: the kernel's store is at block %d: name a home directory of block %d with --home", from, got, from-1)
	case got == expected:
		return nil
	case got > expected && nothingPlayed:
		s.resume = &resumption{init: init, from: got + 1}
		return nil
	case !nothingPlayed:
		return fmt.Errorf("line %d of the trace: the kernel's store is at block %d there, and at block %d here: the recorded run before it ended between the two: replay each part by itself", e.Line, expected, got)
	default:
		return fmt.Errorf("the trace begins with the kernel's store at block %d, and this one is at block %d: name a home directory of that block with --home", expected, got)
	}
}

func heightOf(state json.RawMessage) (int64, error) {
	var s struct {
		Height int64 `json:"height"`
	}
	err := json.Unmarshal(state, &s)
	return s.Height, err
}

// end ends the VM.
func (s *session) end() {
	if s.conn != nil {
		s.conn.End(s.stop)
		s.conn = nil
	}
}

// writeGenesis writes the part of a genesis that the jail reads: which file the
// kernel boots from.
func writeGenesis(file string, init *Exchange) error {
	var action struct {
		Params struct {
			BootstrapVatConfig string `json:"bootstrap_vat_config"`
		} `json:"params"`
	}
	if len(init.Params) > 0 {
		if err := json.Unmarshal(init.Params[0], &action); err != nil {
			return fmt.Errorf("line %d of the trace: %w", init.Line, err)
		}
	}
	text, err := vm.Marshal(map[string]any{"app_state": map[string]any{"swingset": map[string]any{"params": action.Params}}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
