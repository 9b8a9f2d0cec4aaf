package replay

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// Report is the outcome of a replay.
type Report struct {
	// Same: the side that was played to did all that the trace has.
	Same bool `json:"same"`
	// Recorded and Replayed are the programs of the trace, of its last run, and
	// of the replay.
	Recorded Programs `json:"recorded"`
	Replayed Programs `json:"replayed"`
	// First and Last are the blocks that were played, 0 if none.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
	// Starts is the number of starts of that side.
	Starts    int `json:"starts"`
	Upcalls   int `json:"upcalls"`
	Downcalls int `json:"downcalls"`
	// Difference is the first one; nil if Same.
	Difference *Difference `json:"difference"`
	// All are all differences, if they were asked for; else nil.
	All *Differences `json:"all,omitempty"`
	// End describes a trace that ends with a failure, or in a block; nil if it
	// does not.
	End *End `json:"end"`
	// Times are, for a kernel, those of its upcalls, which contain the downcalls.
	// For a chain they are those of downcalls, and of what the chain does between
	// two upcalls of a block.
	Times Times `json:"times"`
}

// Programs are the names and versions of what runs a chain, and the mode. What
// is not known, or not there, is "".
type Programs struct {
	Agd  string `json:"agd"`
	Go   string `json:"go"`
	VM   string `json:"vm"`
	Mode string `json:"mode"`
}

// String joins what is known.
func (p Programs) String() string {
	known := slices.DeleteFunc([]string{p.Agd, p.Go, p.VM, p.Mode}, func(name string) bool { return name == "" })
	return strings.Join(known, ", ")
}

// ours are those of this process.
func ours() Programs { return Programs{Agd: vmproc.Software(), Go: runtime.Version()} }

func programsOf(head trace.Head) Programs {
	return Programs{Agd: head.Agd, Go: head.Go, VM: head.VM, Mode: head.Mode}
}

// End is the last upcall of a trace that ends with a failure, or in a block.
type End struct {
	Height int64  `json:"height"`
	Method string `json:"method"`
	// Error is the error that the kernel returned in the trace; "" if the
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
