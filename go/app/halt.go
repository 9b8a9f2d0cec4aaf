package app

import (
	"fmt"
	"time"

	"github.com/spf13/cast"

	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
)

// HaltError reports a planned halt. The block that consensus decided is at or
// beyond halt-height or halt-time and is not executed. Every later start with
// the same options halts at the same block.
type HaltError struct {
	// Option is halt-height or halt-time. Value is its value: a height, or
	// seconds since 1970.
	Option string
	Value  uint64
	// Height is the height of the first block that is not executed.
	Height int64
}

func (e *HaltError) Error() string {
	return fmt.Sprintf("halted before block %d: %s = %d: to continue, remove this option", e.Height, e.Option, e.Value)
}

// halt is where a node halts by plan; zero means nowhere. The SDK has the same
// check (its baseapp, checkHalt), but its error cannot be distinguished from
// other failures.
type halt struct{ height, time uint64 }

func haltOf(opts servertypes.AppOptions) halt {
	return halt{
		height: cast.ToUint64(opts.Get(server.FlagHaltHeight)),
		time:   cast.ToUint64(opts.Get(server.FlagHaltTime)),
	}
}

// check returns a *HaltError if the block of this height and time must not be
// executed.
func (h halt) check(height int64, blockTime time.Time) error {
	switch {
	case h.height > 0 && uint64(height) >= h.height:
		return &HaltError{server.FlagHaltHeight, h.height, height}
	case h.time > 0 && blockTime.Unix() >= int64(h.time):
		return &HaltError{server.FlagHaltTime, h.time, height}
	}
	return nil
}
