package replay

import (
	"fmt"
	"slices"
)

// Differences are all that a kernel does in another way than a trace. Lists and
// texts are bounded; counts are of all.
type Differences struct {
	// Blocks are those that were played: EqualBlocks and DifferingBlocks.
	Blocks          int `json:"blocks"`
	EqualBlocks     int `json:"equalBlocks"`
	DifferingBlocks int `json:"differingBlocks"`
	// Methods are the calls that differ, by port and method, in the order of first
	// use.
	Methods []MethodDifferences `json:"methods"`
	// Ports are the differences by block, upcall and port, at most mostPorts.
	Ports []PortDifferences `json:"ports"`
	// LeftOut is the number of others.
	LeftOut int `json:"leftOut"`
	// Stopped is why the replay could not continue; "" if it reached its end.
	Stopped string `json:"stopped"`

	first   *Difference
	answers knownAnswers
	// run and height are the block under way, differs whether it differs.
	run     int
	height  int64
	differs bool
}

// Bounds of Differences.
const (
	mostPorts = 1000
	// mostOfPort is the number of differences that a PortDifferences shows.
	mostOfPort = 5
)

// Counts are numbers of calls, or of changes of the kernel's store, by what is
// different.
type Counts struct {
	// Changed calls have other params; a changed response or store change has
	// another value.
	Changed int `json:"changed"`
	// Missing are those of the trace that did not come.
	Missing int `json:"missing"`
	// Extra are those that the trace does not have.
	Extra int `json:"extra"`
	// Moved are those that came at another place of their port.
	Moved int `json:"moved"`
}

func (c Counts) total() int { return c.Changed + c.Missing + c.Extra + c.Moved }

// kinds are the values of Difference.Kind.
const (
	kindChanged = "changed"
	kindMissing = "missing"
	kindExtra   = "extra"
	kindMoved   = "moved"
)

func (c *Counts) add(kind string) {
	switch kind {
	case kindChanged:
		c.Changed++
	case kindMissing:
		c.Missing++
	case kindExtra:
		c.Extra++
	case kindMoved:
		c.Moved++
	}
}

// MethodDifferences are those of one method in the whole replay.
type MethodDifferences struct {
	// Port is the module; "" for the response of an upcall.
	Port   string `json:"port"`
	Method string `json:"method"`
	Counts
}

// The values of PortDifferences.What.
const (
	whatDowncalls = "downcalls"
	whatStore     = "kernel's store"
	whatResponse  = "response"
)

// PortDifferences are those of one port in one upcall.
type PortDifferences struct {
	Height int64  `json:"height"`
	Method string `json:"method"`
	// Port is the module; "" for the response of the upcall.
	Port string `json:"port"`
	// What differs: "downcalls", "kernel's store" or "response".
	What string `json:"what"`
	// Recorded is the number of calls, or of changes, that the trace has.
	Recorded int `json:"recorded"`
	Counts
	// Shown are the first ones.
	Shown []Difference `json:"shown"`
}

// Title says what differs where.
func (p PortDifferences) Title() string {
	at := fmt.Sprintf("block %d, %s", p.Height, p.Method)
	switch p.What {
	case whatDowncalls:
		return fmt.Sprintf("%s, port %s: %d of %d downcalls differ", at, p.Port, p.total(), p.Recorded+p.Extra)
	case whatStore:
		return fmt.Sprintf("%s, kernel's store: %d of %d changes differ", at, p.total(), p.Recorded+p.Extra)
	}
	return at + ": the response differs"
}

// Text has a few lines for each difference that is shown.
func (p PortDifferences) Text() (text string) {
	for _, d := range p.Shown {
		place := ""
		if d.Kind != kindExtra {
			place = fmt.Sprintf(", line %d of the trace", d.Line)
		}
		text += fmt.Sprintf("  %s%s\n", d.Kind, place)
		if d.Kind == kindMoved {
			text += fmt.Sprintf("    %s\n", d.Came)
		} else {
			text += fmt.Sprintf("    expected %s\n    came     %s\n", orNothing(d.Expected), orNothing(d.Came))
		}
		if d.Answered > 0 {
			text += fmt.Sprintf("    answered as line %d of the trace\n", d.Answered)
		}
	}
	if more := p.total() - len(p.Shown); more > 0 {
		text += fmt.Sprintf("  … and %d more\n", more)
	}
	return text
}

// begin begins an upcall.
func (all *Differences) begin(e *Exchange) {
	if all.Blocks == 0 || all.run != e.Run || all.height != e.Height() {
		all.end()
		all.run, all.height, all.differs = e.Run, e.Height(), false
		all.Blocks++
	}
}

// end ends the last block. all may be nil.
func (all *Differences) end() {
	switch {
	case all == nil, all.Blocks == all.EqualBlocks+all.DifferingBlocks: // it has ended
	case all.differs:
		all.DifferingBlocks++
	default:
		all.EqualBlocks++
	}
}

// differing collects the differences of one port in one upcall.
type differing struct {
	all *Differences
	PortDifferences
}

func (all *Differences) of(e *Exchange, port, what string, recorded int) *differing {
	return &differing{all, PortDifferences{Height: e.Height(), Method: e.Method, Port: port, What: what, Recorded: recorded}}
}

// add adds a difference of a method.
func (d *differing) add(method string, one Difference) {
	d.Counts.add(one.Kind)
	at := slices.IndexFunc(d.all.Methods, func(m MethodDifferences) bool { return m.Port == d.Port && m.Method == method })
	if at < 0 {
		at = len(d.all.Methods)
		d.all.Methods = append(d.all.Methods, MethodDifferences{Port: d.Port, Method: method})
	}
	d.all.Methods[at].Counts.add(one.Kind)
	if len(d.Shown) == mostOfPort {
		return
	}
	one.Height, one.Method = d.Height, d.PortDifferences.Method
	one.Expected, one.Came = around(one.Expected, one.Came)
	one.Before = slices.Clone(one.Before)
	for i, before := range one.Before {
		one.Before[i] = shortened(before)
	}
	d.Shown = append(d.Shown, one)
}

// end adds the port to all. It returns the first difference, nil if there is
// none.
func (d *differing) end() *Difference {
	if len(d.Shown) == 0 {
		return nil
	}
	d.all.differs = true
	if len(d.all.Ports) < mostPorts {
		d.all.Ports = append(d.all.Ports, d.PortDifferences)
	} else {
		d.all.LeftOut++
	}
	return &d.Shown[0]
}

// firstOf returns the difference with the lesser line, the first if equal; nil
// for none.
func firstOf(a, b *Difference) *Difference {
	switch {
	case a == nil:
		return b
	case b != nil && b.Line < a.Line:
		return b
	}
	return a
}
