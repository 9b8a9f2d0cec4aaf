package replay

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Comparison is the outcome of Diff. A and B are in this order in every pair.
type Comparison struct {
	// Same: the blocks that both traces have are the same.
	Same bool `json:"same"`
	// First and Last are the blocks that were compared, 0 if none.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
	// Upcalls and Downcalls are those that were compared, in the first trace.
	Upcalls   int `json:"upcalls"`
	Downcalls int `json:"downcalls"`
	// Differing is the number of upcalls that differ.
	Differing int `json:"differing"`
	// Difference is the first one; nil if Same.
	Difference *RecordDifference `json:"difference"`
	// Records describe the two.
	Records [2]RecordSummary `json:"records"`
	// Times are by method, of what was compared, in the order of first use.
	Times []PairTime `json:"times"`
}

// RecordSummary describes one trace.
type RecordSummary struct {
	Name string `json:"name"`
	// First and Last are the blocks that the trace has, 0 if none.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
	// Head is that of its last run.
	Head trace.Head `json:"head"`
}

// RecordDifference is the first difference of two traces.
type RecordDifference struct {
	Height int64  `json:"height"`
	Method string `json:"method"`
	// Port is the module whose downcalls differ; "" for the upcall itself.
	Port string `json:"port,omitempty"`
	// What differs: params, downcall, export, result or block.
	What string `json:"what"`
	// Lines and Has are the place in each trace and what it has there, "" for
	// nothing.
	Lines [2]string `json:"lines"`
	Has   [2]string `json:"has"`
	// Before are the equal downcalls of the port that came before, at most
	// mostNeighbours.
	Before []string `json:"before"`
}

// PairTime is the total duration of a method's upcalls in each trace, in
// milliseconds.
type PairTime struct {
	Method string     `json:"method"`
	Calls  int        `json:"calls"`
	Ms     [2]float64 `json:"ms"`
}

// Error describes the difference in some lines.
func (d *RecordDifference) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "block %d, %s: the traces differ: %s", d.Height, d.Method, d.What)
	if d.Port != "" {
		fmt.Fprintf(&text, " of port %s", d.Port)
	}
	text.WriteByte('\n')
	for _, before := range d.Before {
		fmt.Fprintf(&text, "  both %s\n", shortened(before))
	}
	a, b := around(d.Has[0], d.Has[1])
	fmt.Fprintf(&text, "  A    %s: %s\n  B    %s: %s", d.Lines[0], orNothing(a), d.Lines[1], orNothing(b))
	return text.String()
}

// Diff compares blocks of two traces, as far as both have them: the
// upcalls with their params and results, the downcalls in order for each module
// with their answers, and the changes of the kernel's store. It leaves out what
// a start repeats. It holds one upcall of each in memory. note receives remarks
// for people, a line each.
func Diff(records [2]*trace.Input, names [2]string, blocks trace.Blocks, note func(text string)) (Comparison, error) {
	var sides [2]*recordSide
	for i := range sides {
		sides[i] = newRecordSide(records[i], names[i], blocks, note)
		defer sides[i].stop()
	}
	c := &Comparison{Same: true}
	err := c.compare(sides)
	for i, side := range sides {
		c.Records[i] = side.summary()
	}
	switch {
	case err != nil:
		return *c, err
	case c.Upcalls == 0:
		a, b := c.Records[0], c.Records[1]
		return *c, fmt.Errorf("the traces have no block in common%s: %s has %s, %s has %s", blocks, a.Name, a.blocks(), b.Name, b.blocks())
	}
	return *c, nil
}

func (s RecordSummary) blocks() string {
	if s.First == 0 {
		return "none"
	}
	return fmt.Sprintf("%d to %d", s.First, s.Last)
}

// compare compares all that both sides have.
func (c *Comparison) compare(sides [2]*recordSide) error {
	for {
		a, b := sides[0].now, sides[1].now
		if a == nil || b == nil {
			break
		}
		order := keyOf(a).compare(keyOf(b))
		if order == 0 {
			c.pair(sides, a, b)
		} else if c.Upcalls > 0 {
			c.missing(sides, a, b, order)
		}
		for i, side := range sides {
			if order == 0 || (order < 0) == (i == 0) {
				if err := side.advance(); err != nil {
					return err
				}
			}
		}
	}
	// The rest is read for the summary and for errors.
	for _, side := range sides {
		for side.now != nil {
			if err := side.advance(); err != nil {
				return err
			}
		}
	}
	return errors.Join(sides[0].err, sides[1].err)
}

// missing records an upcall that only one trace has, after common ones.
func (c *Comparison) missing(sides [2]*recordSide, a, b *Exchange, order int) {
	e, has, i := a, [2]string{}, 0
	if order > 0 {
		e, i = b, 1
	}
	has[i] = e.Method
	c.differ(RecordDifference{Height: e.Height(), Method: e.Method, What: "block", Lines: linesOf(sides, a.Line, b.Line), Has: has})
}

func (c *Comparison) differ(d RecordDifference) {
	c.Same = false
	c.Differing++
	if c.Difference == nil {
		c.Difference = &d
	}
}

// pair compares the same upcall of both traces.
func (c *Comparison) pair(sides [2]*recordSide, a, b *Exchange) {
	c.Upcalls++
	c.Downcalls += len(a.Downcalls)
	c.First, c.Last = cmp.Or(c.First, a.Height()), a.Height()
	i := slices.IndexFunc(c.Times, func(t PairTime) bool { return t.Method == a.Method })
	if i < 0 {
		i = len(c.Times)
		c.Times = append(c.Times, PairTime{Method: a.Method})
	}
	c.Times[i].Calls++
	c.Times[i].Ms[0] += milliseconds(a.Took)
	c.Times[i].Ms[1] += milliseconds(b.Took)
	if d := differenceOf(a, b); d != nil {
		lines := linesOf(sides, d.lines[0], d.lines[1])
		d.Height, d.Method, d.Lines = a.Height(), a.Method, lines
		c.differ(d.RecordDifference)
	}
}

func linesOf(sides [2]*recordSide, a, b int) [2]string {
	return [2]string{sides[0].input.Where(a), sides[1].input.Where(b)}
}

// linedDifference has lines of the whole records.
type linedDifference struct {
	RecordDifference
	lines [2]int
}

// differenceOf compares an upcall; nil if it is the same.
func differenceOf(a, b *Exchange) *linedDifference {
	found := func(what, inA, inB string) *linedDifference {
		return &linedDifference{RecordDifference{What: what, Has: [2]string{inA, inB}}, [2]int{a.Line, b.Line}}
	}
	if a.Method != vm.MethodInit && !equalValues(a.Params, b.Params) {
		return found("params", callText(a.Method, a.Params), callText(b.Method, b.Params))
	}
	if d := downcallsDiffer(newPlaying(a, nil), newPlaying(b, nil)); d != nil {
		return d
	}
	if !a.Cut && !b.Cut && !equalResponse(a.Response, b.Response) {
		return found("result", a.text(), b.text())
	}
	return nil
}

// downcallsDiffer compares the downcalls. The end of a trace that is cut does
// not differ.
func downcallsDiffer(a, b *playing) *linedDifference {
	var first *linedDifference
	keep := func(d *linedDifference) {
		if first == nil || min(d.lines[0], d.lines[1]) < min(first.lines[0], first.lines[1]) {
			first = d
		}
	}
	modules := map[string]bool{}
	for _, side := range []*playing{a, b} {
		for module := range side.queues {
			modules[module] = true
		}
	}
	for _, module := range slices.Sorted(maps.Keys(modules)) {
		if d := queuesDiffer(a, b, module); d != nil {
			keep(d)
		}
	}
	for i := range max(len(a.expected), len(b.expected)) {
		inA, inB := at(a.expected, i), at(b.expected, i)
		if inA == nil && a.Cut || inB == nil && b.Cut {
			break
		}
		if first == nil && !equalValue(inA, inB) {
			keep(&linedDifference{RecordDifference{
				What: "export", Port: moduleOf(exportData), Has: [2]string{changeText(inA), changeText(inB)},
			}, [2]int{a.Line, b.Line}})
		}
	}
	return first
}

func queuesDiffer(a, b *playing, module string) *linedDifference {
	var before []string
	for i := range max(len(a.queues[module]), len(b.queues[module])) {
		inA, inB := downAt(a, module, i), downAt(b, module, i)
		if inA == nil && a.Cut || inB == nil && b.Cut {
			return nil
		}
		d := &linedDifference{RecordDifference{What: "downcall", Port: module, Before: before}, [2]int{a.Line, b.Line}}
		for side, down := range []*Downcall{inA, inB} {
			if down != nil {
				d.Has[side], d.lines[side] = callText(down.Method, down.Params), down.Line
			}
		}
		if inA == nil || inB == nil || inA.Method != inB.Method || !equalValues(inA.Params, inB.Params) {
			return d
		}
		if inA.Response != nil && inB.Response != nil && !equalResponse(*inA.Response, *inB.Response) {
			d.What = "answer"
			for side, down := range []*Downcall{inA, inB} {
				d.Has[side] += " → " + down.Response.text()
			}
			return d
		}
		before = append(before, d.Has[0])
		before = before[max(0, len(before)-mostNeighbours):]
	}
	return nil
}

func downAt(p *playing, module string, i int) *Downcall {
	if queue := p.queues[module]; i < len(queue) {
		return queue[i]
	}
	return nil
}

// key orders the upcalls of a chain.
type key struct {
	height int64
	phase  int
}

// phases are a block's upcalls in order.
var phases = []string{vm.MethodInit, vm.MethodBeginBlock, vm.MethodEndBlock, vm.MethodCommitBlock, vm.MethodAfterCommitBlock}

func keyOf(e *Exchange) key { return key{e.Height(), slices.Index(phases, e.Method)} }

func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.height, other.height), cmp.Compare(k.phase, other.phase))
}

// recordSide reads one trace, an upcall at a time.
type recordSide struct {
	*exchangeReader
	input *trace.Input
	name  string
	// blocks are those that are compared.
	blocks trace.Blocks
	// now is the current upcall, nil at the end.
	now         *Exchange
	first, last int64
	// done is the last upcall that was read.
	done key
}

func newRecordSide(input *trace.Input, name string, blocks trace.Blocks, note func(text string)) *recordSide {
	s := &recordSide{exchangeReader: newExchangeReader(input, note), input: input, name: name, blocks: blocks}
	s.recording.Redacted = true
	_ = s.advance() // compare reports the error
	return s
}

// advance reads the next upcall of the chain. It skips what a start repeats: the
// Init of a kernel that has a store, and upcalls that it already had.
func (s *recordSide) advance() error {
	for {
		e, err := s.next()
		if e == nil {
			s.now = nil
			return err
		}
		k := keyOf(e)
		if k.phase < 0 || k.compare(s.done) <= 0 || e.Method == vm.MethodInit && !bootstraps(e) || !s.blocks.Has(k.height) {
			continue
		}
		s.now, s.done = e, k
		s.first, s.last = cmp.Or(s.first, k.height), k.height
		return nil
	}
}

// bootstraps reports whether an Init is that of a new chain.
func bootstraps(init *Exchange) bool {
	var action struct {
		IsBootstrap bool `json:"isBootstrap"`
	}
	return len(init.Params) > 0 && json.Unmarshal(init.Params[0], &action) == nil && action.IsBootstrap
}

func (s *recordSide) summary() RecordSummary {
	return RecordSummary{Name: s.name, First: s.first, Last: s.last, Head: s.recording.Head}
}
