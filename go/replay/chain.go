package replay

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/proxy"
	sm "github.com/cometbft/cometbft/state"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/internal/panics"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// ChainOptions are the options of Chain.
type ChainOptions struct {
	// Home is the home of the recorded node, with the blocks of the trace.
	Home *ChainHome
	// Limits are those of the bridge.
	Limits bridge.Limits
	// Blocks are those that may be played.
	Blocks trace.Blocks
	// Stop ends the replay between two blocks.
	Stop <-chan os.Signal
	// Stopped is the error of a replay that Stop ended.
	Stopped error
	// Logger is the chain's.
	Logger log.Logger
	// Note receives remarks for people, a line each.
	Note func(text string)
	// Committed is called after each block.
	Committed func(height int64)
	// Block, if set, receives the times of each block.
	Block func(BlockTimes)
}

// ChainReport is the outcome of Chain.
type ChainReport struct {
	Report
	// AppHashes is the number of blocks whose app hash was compared.
	AppHashes int `json:"appHashes"`
}

// Chain plays the VM's part of a trace to a chain: the application on a copy of
// the recorded node's store of the trace's start, or on an empty one. The blocks
// are those of the node, executed as CometBFT executes them after a crash, so the
// chain needs no network. The calls pass through a bridge with real frames. A
// difference is in the report; the error is anything else that ended the replay.
func Chain(record *trace.Input, name string, o ChainOptions) (ChainReport, error) {
	s := &chainSession{options: o}
	s.part = vmPart{record: newExchangeReader(record, o.Note), report: &s.report.Report, blocks: blockTimer{each: o.Block}}
	defer s.part.record.stop()
	err := s.play()
	err = errors.Join(err, s.close())
	s.part.blocks.end()
	s.report.Recorded, s.report.Replayed = programsOf(s.part.record.recording.Head), ours()
	switch difference := s.part.difference; {
	case difference != nil:
		s.report.Difference, err = difference, nil
	case err != nil:
		return s.report, err
	case s.report.Upcalls == 0:
		return s.report, fmt.Errorf("%s has no block action%s: there is nothing to replay", name, o.Blocks)
	}
	s.report.Same = s.part.difference == nil
	return s.report, nil
}

// chainSession is one replay.
type chainSession struct {
	options ChainOptions
	report  ChainReport
	part    vmPart
	// chain is open, or nil, with the bridge's two ends.
	chain *app.App
	ends  [2]bridge.Bridge
	// consensus is CometBFT's connection to the application.
	consensus *hashing
}

// play plays the trace to its end, or to a difference.
func (s *chainSession) play() error {
	if err := s.part.seek(s.options.Blocks.From); err != nil {
		return err
	}
	for e := s.part.now; e != nil && s.part.difference == nil; e = s.part.now {
		select {
		case <-s.options.Stop:
			return s.options.Stopped
		default:
		}
		starts := e.Run != s.part.run
		if to := s.options.Blocks.To; to > 0 && (starts && e.Height() > to || !starts && s.chain.LastBlockHeight() >= to) {
			return nil
		}
		var err error
		if starts {
			err = s.start(e)
		} else {
			err = s.block(e)
		}
		if err != nil {
			return err
		}
	}
	return s.part.err
}

// fault adds the line of an exchange to an error.
func (s *chainSession) fault(e *Exchange, err error) error { return s.part.record.fault(e.Line, err) }

// start starts the chain at the block before that of an exchange: Init, or the
// beginning of the first block that is played.
func (s *chainSession) start(e *Exchange) error {
	if e.Method == vm.MethodInit {
		s.part.init = e
	} else if !s.part.inside {
		return s.fault(e, fmt.Errorf("expected %s as the first block action of a run, got %s: the run's beginning is missing", vm.MethodInit, e.Method))
	}
	if err := s.options.Home.belongsTo(s.part.init); err != nil {
		return s.fault(s.part.init, err)
	}
	if err := s.close(); err != nil {
		return err
	}
	// The kernel of a chain that begins boots, or is restored from an export.
	begins := e.Method == vm.MethodInit && e.Height() <= s.options.Home.genesis.InitialHeight
	if genesis := s.part.record.recording.Head.Genesis; begins && genesis != "" && genesis != s.options.Home.genesisHash {
		return s.fault(e, fmt.Errorf("the recorded chain began with the genesis of SHA-256 %s, and that of %s is %s: name the home directory of the recorded node with --home",
			genesis, s.options.Home, s.options.Home.genesisHash))
	}
	if err := s.options.Home.prepare(e.Height()-1, begins); err != nil {
		return s.fault(e, err)
	}
	if err := s.open(); err != nil {
		return err
	}
	s.part.run, s.part.last, s.part.over = e.Run, nil, false
	s.report.Starts++
	s.report.End = nil
	if err := s.checkStart(e); err != nil || !begins {
		return err
	}
	request, err := s.options.Home.initChain()
	if err != nil {
		return err
	}
	return s.outcome(e, panics.Recovered(panics.NoTrace, func() error {
		_, err := s.consensus.InitChain(background, request)
		return err
	}))
}

// checkStart compares the chain's state with that of the trace's run.
func (s *chainSession) checkStart(e *Exchange) error {
	head, height := s.part.record.recording.Head, s.chain.LastBlockHeight()
	has := hex.EncodeToString(s.chain.LastCommitID().Hash)
	if height == 0 || head.Height != height || head.AppHash == "" || head.AppHash == has {
		return nil
	}
	return s.fault(e, fmt.Errorf("the recorded chain had app hash %s after block %d, and the chain of %s has %s: name the home directory of the recorded node with --home",
		head.AppHash, height, s.options.Home, has))
}

// block executes the next block.
func (s *chainSession) block(e *Exchange) error {
	height := max(s.chain.LastBlockHeight()+1, s.options.Home.genesis.InitialHeight)
	if e.Height() != height {
		return s.fault(e, fmt.Errorf("expected block %d, got %s of block %d: frames are missing", height, e.Method, e.Height()))
	}
	block, err := s.options.Home.block(height)
	if err != nil {
		return s.fault(e, err)
	}
	s.consensus.hash = nil
	err = panics.Recovered(panics.NoTrace, func() error {
		_, err := sm.ExecCommitBlock(s.consensus, block, cmtlog.NewNopLogger(), s.options.Home.states, s.options.Home.genesis.InitialHeight)
		return err
	})
	if failure := s.outcome(e, err); failure != nil {
		return failure
	}
	s.compareHash(height)
	if err == nil && s.part.difference == nil && s.options.Committed != nil {
		s.options.Committed(height)
	}
	return nil
}

// outcome returns the error of a block that the chain could not make, unless that
// is part of the replay: a difference, the end of the trace, or the recorded
// kernel's error.
func (s *chainSession) outcome(e *Exchange, err error) error {
	end := s.report.End
	switch {
	case s.part.err != nil:
		return s.part.err
	case err == nil, s.part.difference != nil, s.part.over, end != nil && end.Error != "":
		return nil
	}
	return fmt.Errorf("block %d: the chain failed: %w", e.Height(), err)
}

// compareHash compares the app hash of a block with that of the node.
func (s *chainSession) compareHash(height int64) {
	expected := s.options.Home.appHash(height)
	came := hex.EncodeToString(s.consensus.hash)
	if expected == "" || came == "" || s.part.difference != nil {
		return
	}
	s.report.AppHashes++
	if expected == came {
		return
	}
	d := &Difference{Height: height, Line: s.part.last.Line, Expected: "app hash " + expected, Came: "app hash " + came}
	d.title = fmt.Sprintf("block %d: the chain's app hash is not the node's, though each answer was that of the trace up to line %d", height, d.Line)
	s.part.difference = d
}

// open opens the application, as a new process does, and the bridge to the VM's
// part.
func (s *chainSession) open() (err error) {
	if s.ends, err = pipedBridge(s.options.Limits); err != nil {
		return err
	}
	if err := s.part.serve(s.ends[1]); err != nil {
		return err
	}
	controller := vm.NewController(s.ends[0])
	if s.chain, err = s.options.Home.openChain(s.options.Logger, app.ChainHooks{Controller: controller}); err != nil {
		return err
	}
	client, err := proxy.NewLocalClientCreator(server.NewCometABCIWrapper(s.chain)).NewABCIClient()
	if err != nil {
		return err
	}
	s.consensus = &hashing{AppConnConsensus: proxy.NewAppConnConsensus(client, proxy.NopMetrics())}
	return controller.Serve(s.ends[0], s.chain.Downcalls()...)
}

// close closes what is open.
func (s *chainSession) close() error {
	for _, end := range s.ends {
		if end != nil {
			_ = end.Close()
		}
	}
	s.ends = [2]bridge.Bridge{}
	chain := s.chain
	if s.chain = nil; chain == nil {
		return nil
	}
	return chain.Close()
}
