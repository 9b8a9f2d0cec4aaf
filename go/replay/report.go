package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Report is the outcome of a replay.
type Report struct {
	// Same: the side that was played to did all that the record has.
	Same bool `json:"same"`
	// First and Last are the blocks that were played, 0 if none.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
	// Starts is the number of starts of that side.
	Starts    int `json:"starts"`
	Upcalls   int `json:"upcalls"`
	Downcalls int `json:"downcalls"`
	// Difference is the first one; nil if Same.
	Difference *Difference `json:"difference"`
	// End describes a record that ends with a failure, or in a block; nil if it
	// does not.
	End *End `json:"end"`
	// Times are in the order of first use.
	Times []Time `json:"times"`
}

// Time is the total duration of what has one name. For a kernel that is a method
// of upcalls, which contain the downcalls. For a chain it is a method of
// downcalls, or what the chain does between two upcalls of a block.
type Time struct {
	Method string `json:"method"`
	Calls  int    `json:"calls"`
	// RecordedMs and ReplayedMs are in milliseconds.
	RecordedMs float64 `json:"recordedMs"`
	ReplayedMs float64 `json:"replayedMs"`
}

// End is the last upcall of a record that ends with a failure, or in a block.
type End struct {
	Height int64  `json:"height"`
	Method string `json:"method"`
	// Error is the error that the kernel returned in the record; "" if the
	// record ends before the response.
	Error string `json:"error"`
}

func endOf(e *Exchange) *End {
	end := End{Height: e.Height(), Method: e.Method}
	if e.Error != nil {
		end.Error = *e.Error
	}
	return &end
}

// count counts an exchange that is played.
func (r *Report) count(e *Exchange) {
	r.Upcalls++
	r.Downcalls += len(e.Downcalls)
	if e.Method == vm.MethodBeginBlock {
		r.First, r.Last = cmp.Or(r.First, e.Height()), e.Height()
	}
}

// add adds a call, or what took a time as a call does.
func (r *Report) add(method string, recorded, replayed time.Duration) {
	i := slices.IndexFunc(r.Times, func(t Time) bool { return t.Method == method })
	if i < 0 {
		i = len(r.Times)
		r.Times = append(r.Times, Time{Method: method})
	}
	t := &r.Times[i]
	t.Calls++
	t.RecordedMs += milliseconds(recorded)
	t.ReplayedMs += milliseconds(replayed)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
