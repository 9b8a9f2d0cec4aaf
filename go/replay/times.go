package replay

import (
	"slices"
	"time"
)

// Time is the total duration of what has one name.
type Time struct {
	Method string `json:"method"`
	// Calls are those of the trace.
	Calls int `json:"calls"`
	// RecordedMs and ReplayedMs are in milliseconds.
	RecordedMs float64 `json:"recordedMs"`
	ReplayedMs float64 `json:"replayedMs"`
}

// Times have each name once, in the order of first use.
type Times []Time

// add adds calls, or what took a time as a call does.
func (all *Times) add(method string, calls int, recorded, replayed time.Duration) {
	i := slices.IndexFunc(*all, func(t Time) bool { return t.Method == method })
	if i < 0 {
		i = len(*all)
		*all = append(*all, Time{Method: method})
	}
	t := &(*all)[i]
	t.Calls += calls
	t.RecordedMs += milliseconds(recorded)
	t.ReplayedMs += milliseconds(replayed)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BlockTimes are the times of one block, in one start of the side that is played
// to.
type BlockTimes struct {
	Height int64
	// Phases do not overlap. For a kernel they are its upcalls; for a chain, what
	// it does between two upcalls.
	Phases Times
	// Downcalls, to a kernel, are agd's answers: in the replay, from the trace. To
	// a chain, they are its answers in both.
	Downcalls Times
}

// blockTimer collects the times of one block after the other.
type blockTimer struct {
	// each receives every block and may keep it. It may be nil.
	each func(BlockTimes)
	run  int
	// now is nil before the first block.
	now *BlockTimes
}

// block returns the times of the block of an exchange.
func (b *blockTimer) block(e *Exchange) *BlockTimes {
	if b.now == nil || b.run != e.Run || b.now.Height != e.Height() {
		b.end()
		b.run, b.now = e.Run, &BlockTimes{Height: e.Height()}
	}
	return b.now
}

// end ends the last block.
func (b *blockTimer) end() {
	if b.now != nil && b.each != nil {
		b.each(*b.now)
	}
	b.now = nil
}
