package trace

import "fmt"

// Blocks is a range of blocks. From and To are its first and its last block; 0
// for no limit.
type Blocks struct{ From, To int64 }

// Has reports whether a block is in the range. What precedes a run's first block
// action has height 0.
func (b Blocks) Has(height int64) bool {
	return height >= b.From && (b.To == 0 || height <= b.To)
}

// String returns the range as the end of a sentence; "" for all blocks.
func (b Blocks) String() string {
	switch {
	case b == Blocks{}:
		return ""
	case b.To == 0:
		return fmt.Sprintf(" from block %d on", b.From)
	case b.From == 0:
		return fmt.Sprintf(" up to block %d", b.To)
	default:
		return fmt.Sprintf(" in blocks %d to %d", b.From, b.To)
	}
}

// seenBlocks are the lowest and the highest block of a trace's frames; 0: none.
type seenBlocks struct{ lowest, highest int64 }

func (s *seenBlocks) add(e Entry) {
	if e.Height == 0 {
		return
	}
	if s.lowest == 0 || e.Height < s.lowest {
		s.lowest = e.Height
	}
	s.highest = max(s.highest, e.Height)
}

// String returns a sentence about the trace.
func (s seenBlocks) String() string {
	if s.highest == 0 {
		return "the trace has no block"
	}
	return fmt.Sprintf("the trace has blocks %d to %d", s.lowest, s.highest)
}
