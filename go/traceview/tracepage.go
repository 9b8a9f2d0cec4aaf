package traceview

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Bounds of a page, so that a browser opens it. Times are of the whole trace.
const (
	// MaxPageFrames is the number of frames that a page has.
	MaxPageFrames = 300_000
	// maxFrameText is the number of bytes of a frame that a page has, and
	// maxFramesBytes that of all.
	maxFrameText   = 2000
	maxFramesBytes = 64 << 20
	// mostSlow is the number of slowest calls.
	mostSlow = 25
)

// phases are the parts of a block on a page, in the order of BlockActions.
var phases = []string{vm.MethodBeginBlock, vm.MethodEndBlock, vm.MethodCommitBlock, vm.MethodAfterCommitBlock}

// frameKinds are the kinds of frames, which a page has as numbers.
var frameKinds = []trace.Kind{trace.Call, trace.Notify, trace.Answer, trace.Failure, trace.Broken}

// page collects what the page shows. Frames are written to a buffer as they
// come.
type page struct {
	calls   Calls
	methods []string
	numbers map[string]int
	// blocks have microseconds by phase.
	blocks  []blockTimes
	totals  map[int]*methodTotal
	slowest []*Call
	frames  bytes.Buffer
	// count is the number of frames, and shown of those that the page has.
	count, shown int
	head         trace.Head
	first        time.Time
	// current is the block of the block action that runs, or ran last.
	current int64
}

type blockTimes struct {
	height int64
	micros [4]int64
}

type methodTotal struct {
	method, calls, errors          int
	total, longest, asked, replied int64
}

// WritePage writes a page that shows the trace. It needs no network. name is the
// trace's, blocks those that the page shows, and note receives remarks for people.
func WritePage(out io.Writer, input *trace.Input, name string, blocks trace.Blocks, note func(text string)) error {
	p := &page{numbers: map[string]int{}, totals: map[int]*methodTotal{}}
	p.calls = Calls{Where: input.Where, Note: note, Blocks: blocks, Frame: p.frame, Began: func(*Call) {}, Ended: p.ended}
	if err := trace.ReadAll(input, &p.calls); err != nil {
		return err
	}
	p.calls.End()
	if p.count == 0 {
		return fmt.Errorf("%s has no frames%s: there is nothing to show", name, blocks)
	}
	return p.write(out, name)
}

// number returns the number of a method; -1 for none.
func (p *page) number(method string) int {
	if method == "" {
		return -1
	}
	n, ok := p.numbers[method]
	if !ok {
		n = len(p.methods)
		p.numbers[method] = n
		p.methods = append(p.methods, method)
	}
	return n
}

func (p *page) frame(e trace.Entry) {
	if e.Kind == trace.Heading {
		_ = json.Unmarshal(e.Text, &p.head) // as the reader did
		return
	}
	if p.count++; p.count == 1 {
		p.first = e.Time
	}
	if e.Kind == trace.Call && e.From == trace.Agd {
		p.current = heightOf(e.Text)
	}
	if p.shown == MaxPageFrames || p.frames.Len() > maxFramesBytes {
		return
	}
	p.shown++
	side, took := 0, int64(-1)
	if e.From == trace.Agvm {
		side = 1
	}
	if e.Micros != nil {
		took = *e.Micros
	}
	text := string(e.Text)
	if len(text) > maxFrameText {
		text = strings.ToValidUTF8(text[:maxFrameText], "")
	}
	addRow(&p.frames, []any{
		e.Line, e.Time.Sub(p.first).Microseconds(), side, slices.Index(frameKinds, e.Kind), p.number(e.Method),
		e.Depth, took, len(e.Text), text, p.current,
	})
}

func (p *page) ended(c *Call) {
	if !c.Answered() {
		return
	}
	micros := c.Took.Microseconds()
	n := p.number(c.Method)
	t := p.totals[n]
	if t == nil {
		t = &methodTotal{method: n}
		p.totals[n] = t
	}
	t.calls++
	t.total += micros
	t.longest = max(t.longest, micros)
	t.asked += int64(c.Request)
	t.replied += int64(c.Response)
	if c.Error != "" {
		t.errors++
	}
	if c.Height == 0 {
		c.Height = p.current
	}
	p.slow(c)
	phase := slices.Index(phases, c.Method)
	if phase < 0 {
		return
	}
	if last := len(p.blocks) - 1; last < 0 || p.blocks[last].height != c.Height {
		p.blocks = append(p.blocks, blockTimes{height: c.Height})
	}
	p.blocks[len(p.blocks)-1].micros[phase] += micros
}

// slow keeps the slowest calls, the slowest first.
func (p *page) slow(c *Call) {
	at, _ := slices.BinarySearchFunc(p.slowest, c, func(a, b *Call) int { return cmp.Compare(b.Took, a.Took) })
	if at < mostSlow {
		p.slowest = slices.Insert(p.slowest, at, c)
		p.slowest = p.slowest[:min(len(p.slowest), mostSlow)]
	}
}

func (p *page) write(out io.Writer, name string) error {
	limit := ""
	if p.count > p.shown {
		limit = fmt.Sprintf("The page has the first %d of %d frames.", p.shown, p.count)
	}
	return document{
		body: traceHTML, script: traceJS, rows: "frames", data: p.data(),
		values: map[string]any{"Title": "agd bridge trace: " + name, "Limit": limit, "Lead": p.lead(), "Facts": p.facts()},
	}.write(out, &p.frames)
}

// data is what the script reads, except the frames.
func (p *page) data() map[string]any {
	blocks, slowest := [][2]any{}, [][4]any{}
	for _, b := range p.blocks {
		blocks = append(blocks, [2]any{b.height, b.micros})
	}
	for _, c := range p.slowest {
		slowest = append(slowest, [4]any{p.number(c.Method), c.Took.Microseconds(), c.Height, c.Line})
	}
	var totals [][7]int64
	for _, t := range p.totals {
		totals = append(totals, [7]int64{int64(t.method), int64(t.calls), t.total, t.longest, t.asked, t.replied, int64(t.errors)})
	}
	slices.SortFunc(totals, func(a, b [7]int64) int { return cmp.Or(cmp.Compare(b[2], a[2]), cmp.Compare(a[0], b[0])) })
	names := make([]string, len(phases))
	for i, method := range phases {
		_, names[i], _ = strings.Cut(method, ".")
	}
	return map[string]any{"methods": p.methods, "kinds": frameKinds, "phases": names, "blocks": blocks, "slowest": slowest, "totals": totals}
}

func (p *page) lead() string {
	lead := fmt.Sprintf("%d frames in %s", p.count, p.calls.Last().Sub(p.first).Round(time.Millisecond))
	if n := len(p.blocks); n > 0 {
		lead += fmt.Sprintf(", blocks %d to %d", p.blocks[0].height, p.blocks[n-1].height)
	}
	return lead + "."
}

func (p *page) facts() []fact {
	all := []fact{{"first frame", p.first.UTC().Format(time.RFC3339Nano)}}
	for _, f := range []fact{
		{"mode", p.head.Mode}, {"transport", p.head.Transport}, {"agd", p.head.Agd}, {"VM", p.head.VM}, {"Go", p.head.Go},
		{"genesis", p.head.Genesis}, {"app hash at the start", p.head.AppHash}, {"written because", p.head.Reason},
	} {
		if f.Value != "" {
			all = append(all, f)
		}
	}
	return all
}
