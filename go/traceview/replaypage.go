package traceview

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
)

// Bounds of a replay's page, so that a browser opens it. Totals are of the whole
// replay.
const (
	// MaxPageBlocks is the number of blocks that a page has, and maxBlocksBytes
	// that of their bytes.
	MaxPageBlocks  = 300_000
	maxBlocksBytes = 64 << 20
	// mostDiffering is the number of blocks that differ most in time.
	mostDiffering = 25
)

// Timed is how long what has one name took, in a trace and in its replay.
type Timed struct {
	Name  string
	Calls int
	// RecordedMs and ReplayedMs are in milliseconds.
	RecordedMs, ReplayedMs float64
}

// ReplayPage collects what the page of a replay shows. The zero value is empty.
// It keeps each block's row as text, up to the bounds. For one goroutine.
type ReplayPage struct {
	names     []string
	rows      bytes.Buffer
	phases    []*timedTotal
	downcalls []*timedTotal
	// differ are the blocks that differ most in time, the first one most.
	differ []timedBlock
	// count is the number of blocks, and shown of those that the page has.
	count, shown int
}

// timedTotal has microseconds. The longest are of a block.
type timedTotal struct {
	name, calls        int
	recorded, replayed int64
	longest            [2]int64
}

type timedBlock struct{ height, recorded, replayed int64 }

func (b timedBlock) difference() int64 { return max(b.replayed-b.recorded, b.recorded-b.replayed) }

// Replayed describes a replay.
type Replayed struct {
	// Name is the trace's, Lead the outcome in a sentence, and Difference the first
	// one, in some lines; "" for none.
	Name, Lead, Difference string
	// All are all differences; nil if the replay ended at the first.
	All *Differing
	// Phases and Downcalls say what the times are of.
	Phases, Downcalls string
	// Facts are names with values. The page omits empty values.
	Facts [][2]string
}

// Differing are all differences of a replay.
type Differing struct {
	// Summary is a sentence, and LeftOut one on what Ports lack, "" for nothing.
	Summary, LeftOut string
	// Heads and Rows are a table of the calls by method.
	Heads []string
	Rows  [][]string
	// Ports have a title and some lines each.
	Ports [][2]string
}

// Block adds a block, or a part of one that was played again.
func (p *ReplayPage) Block(height int64, phases, downcalls []Timed) {
	p.count++
	block := timedBlock{height: height}
	for _, t := range phases {
		block.recorded += micros(t.RecordedMs)
		block.replayed += micros(t.ReplayedMs)
	}
	at, _ := slices.BinarySearchFunc(p.differ, block, func(a, b timedBlock) int { return cmp.Compare(b.difference(), a.difference()) })
	if at < mostDiffering {
		p.differ = slices.Insert(p.differ, at, block)
		p.differ = p.differ[:min(len(p.differ), mostDiffering)]
	}
	row := []any{height, p.add(&p.phases, phases), p.add(&p.downcalls, downcalls)}
	if p.shown == MaxPageBlocks || p.rows.Len() > maxBlocksBytes {
		return
	}
	p.shown++
	addRow(&p.rows, row)
}

// add adds times to totals, and returns them as the script reads them.
func (p *ReplayPage) add(totals *[]*timedTotal, times []Timed) [][4]int64 {
	row := make([][4]int64, len(times))
	for i, t := range times {
		name := slices.Index(p.names, t.Name)
		if name < 0 {
			name = len(p.names)
			p.names = append(p.names, t.Name)
		}
		at := slices.IndexFunc(*totals, func(t *timedTotal) bool { return t.name == name })
		if at < 0 {
			at = len(*totals)
			*totals = append(*totals, &timedTotal{name: name})
		}
		recorded, replayed := micros(t.RecordedMs), micros(t.ReplayedMs)
		total := (*totals)[at]
		total.calls += t.Calls
		total.recorded += recorded
		total.replayed += replayed
		total.longest = [2]int64{max(total.longest[0], recorded), max(total.longest[1], replayed)}
		row[i] = [4]int64{int64(name), int64(t.Calls), recorded, replayed}
	}
	return row
}

func micros(ms float64) int64 { return int64(math.Round(ms * 1000)) }

// Write writes the page, which needs no network.
func (p *ReplayPage) Write(out io.Writer, about Replayed) error {
	limit := ""
	if p.count > p.shown {
		limit = fmt.Sprintf("The page has the first %d of %d blocks; totals are of all.", p.shown, p.count)
	}
	var facts []fact
	for _, f := range about.Facts {
		if f[1] != "" {
			facts = append(facts, fact{f[0], f[1]})
		}
	}
	phases := make([]int, len(p.phases))
	for i, t := range p.phases {
		phases[i] = t.name
	}
	differ := make([][3]int64, len(p.differ))
	for i, b := range p.differ {
		differ[i] = [3]int64{b.height, b.recorded, b.replayed}
	}
	slices.SortStableFunc(p.downcalls, func(a, b *timedTotal) int { return cmp.Compare(b.replayed, a.replayed) })
	return document{
		body: replayHTML, script: replayJS, rows: "blocks",
		data: map[string]any{
			"names": p.names, "phases": phases, "differ": differ,
			"totals": map[string]any{"phases": totalRows(p.phases), "methods": totalRows(p.downcalls)},
		},
		values: map[string]any{
			"Title": "agd bridge replay: " + about.Name, "Lead": about.Lead, "Facts": facts, "Limit": limit,
			"Difference": about.Difference, "All": about.All, "Phases": about.Phases, "Downcalls": about.Downcalls,
		},
	}.write(out, &p.rows)
}

func totalRows(totals []*timedTotal) [][6]int64 {
	rows := make([][6]int64, len(totals))
	for i, t := range totals {
		rows[i] = [6]int64{int64(t.name), int64(t.calls), t.recorded, t.replayed, t.longest[0], t.longest[1]}
	}
	return rows
}
