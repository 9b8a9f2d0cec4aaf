package traceview_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/traceview"
)

// script makes the lines of a trace, 100 µs from one to the next.
type script struct {
	bytes.Buffer
	lines int
}

func (s *script) line(from, frame string) *script {
	fmt.Fprintf(s, `{"time":"2026-01-02T03:04:%02d.%04dZ","from":%q,"frame":%s}`+"\n", s.lines/10_000, s.lines%10_000, from, frame)
	s.lines++
	return s
}

// call is a call with its response, around what is between.
func (s *script) call(from, other string, id int, method, params string, between ...func()) *script {
	s.line(from, fmt.Sprintf(`{"id":%d,"method":%q,"params":%s}`, id, method, params))
	for _, each := range between {
		each()
	}
	return s.line(other, fmt.Sprintf(`{"id":%d,"result":null,"error":null}`, id))
}

// block is a block with two downcalls at the same time.
func (s *script) block(height int) {
	params := fmt.Sprintf(`[{"blockHeight":%d}]`, height)
	s.call("agd", "agvm", 4*height, "swingset.BeginBlock", params)
	s.call("agd", "agvm", 4*height+1, "swingset.EndBlock", params, func() {
		s.call("agvm", "agd", 2*height, "vstorage.Get", `["</script><b>"]`, func() {
			s.call("agvm", "agd", 2*height+1, "vbank.Grab", `[]`)
		})
	})
	s.call("agd", "agvm", 4*height+2, "swingset.CommitBlock", params)
	s.call("agd", "agvm", 4*height+3, "swingset.AfterCommitBlock", params)
}

func open(t *testing.T, text string) *trace.Input {
	t.Helper()
	name := filepath.Join(t.TempDir(), "t.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	input, err := trace.OpenInput(name, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = input.Close() })
	return input
}

func noNote(t *testing.T) func(string) { return func(text string) { t.Error(text) } }

type event struct {
	Name, Cat, Ph string
	Ts, Dur       float64
	Pid, Tid      int
	Args          map[string]any
}

// timeline returns the events of a trace and a slog, which obey the format.
func timeline(t *testing.T, text, slog string) []event {
	t.Helper()
	var out bytes.Buffer
	input := open(t, text)
	line := traceview.NewTimeline(&out, input.Where, noNote(t))
	require.NoError(t, trace.ReadAll(input, line.Sink()))
	if slog != "" {
		_, err := line.Slog(open(t, slog), "slog")
		require.NoError(t, err)
	}
	require.NoError(t, line.End())
	var file struct{ TraceEvents []event }
	require.NoError(t, json.Unmarshal(out.Bytes(), &file))
	nested(t, file.TraceEvents)
	return file.TraceEvents
}

// nested requires that the events of each track nest, as the format demands.
func nested(t *testing.T, events []event) {
	t.Helper()
	tracks := map[[2]int][]event{}
	for _, e := range events {
		require.Contains(t, []string{"X", "M"}, e.Ph)
		if e.Ph == "X" {
			require.GreaterOrEqual(t, e.Dur, 0.0)
			tracks[[2]int{e.Pid, e.Tid}] = append(tracks[[2]int{e.Pid, e.Tid}], e)
		}
	}
	for track, all := range tracks {
		slices.SortStableFunc(all, func(a, b event) int { return int(a.Ts - b.Ts) })
		for i := 1; i < len(all); i++ {
			before := all[i-1]
			require.True(t, all[i].Ts >= before.Ts+before.Dur-0.5 || all[i].Ts+all[i].Dur <= before.Ts+before.Dur+0.5, "track %v: %v %v", track, before, all[i])
		}
		named := slices.ContainsFunc(events, func(e event) bool { return e.Name == "thread_name" && [2]int{e.Pid, e.Tid} == track })
		require.True(t, named, track)
	}
}

func TestATimelineHasBlocksUpcallsDowncallsAndDeliveries(t *testing.T) {
	var s script
	s.block(1)
	s.line("agd", `{"id":99,"method":"swingset.EndBlock","params":[{"blockHeight":2}]}`)
	slog := `{"type":"create-vat","vatID":"v1","name":"bootstrap","time":1767323040,"monotime":5}
{"type":"deliver","vatID":"v1","deliveryNum":3,"crankNum":7,"kd":["message","ko1"],"time":1767323040.0001,"monotime":5.0001}
{"type":"deliver-result","vatID":"v1","deliveryNum":3,"dr":["ok",null,{"compute":12}],"time":1767323040,"monotime":5.0006}
{"type":"deliver","vatID":"v1","deliveryNum":4,"kd":["notify"],"time":1767329040,"monotime":6005}
{"type":"deliver-result","vatID":"v1","deliveryNum":4,"dr":["ok"],"time":1767329040,"monotime":6006}
{"type":"deliver","vat`
	events := timeline(t, s.String(), slog)
	found := map[string]event{}
	for _, e := range events {
		if e.Ph == "X" {
			found[e.Cat+" "+e.Name] = e
		}
	}
	require.Len(t, found, 8, "a block, four upcalls (one again), two downcalls, a delivery")
	require.InDelta(t, 1100, found["block block 1"].Dur, 1)
	require.InDelta(t, 300, found["downcall vstorage.Get"].Dur, 1)
	require.NotEqual(t, found["downcall vstorage.Get"].Tid, found["downcall vbank.Grab"].Tid)
	require.Equal(t, true, found["upcall swingset.EndBlock"].Args["unanswered"])
	delivery := found["delivery message"]
	require.InDelta(t, 500, delivery.Dur, 1)
	require.InDelta(t, 100, delivery.Ts-found["upcall swingset.BeginBlock"].Ts, 1)
	require.Equal(t, map[string]any{"crank": 7.0, "delivery": 3.0, "vat": "v1", "result": "ok", "meter": map[string]any{"compute": 12.0}}, delivery.Args)
}

func TestWhatIsNoTraceOrSlogIsRefusedByItsLine(t *testing.T) {
	var s script
	s.block(1)
	input := open(t, s.String()+"hello\n")
	err := traceview.WritePage(&bytes.Buffer{}, input, "t", trace.Blocks{}, noNote(t))
	require.ErrorContains(t, err, "t.jsonl:13: not a line of a trace")
	line := traceview.NewTimeline(&bytes.Buffer{}, input.Where, noNote(t))
	_, err = line.Slog(open(t, "{}\nhello\n"), "slog")
	require.ErrorContains(t, err, "slog:2: not a line of a slog")
	require.ErrorContains(t, traceview.WritePage(&bytes.Buffer{}, open(t, ""), "t", trace.Blocks{}, noNote(t)), "t has no frames")
}

func TestAPageHasEachFrameAndNoText(t *testing.T) {
	var s script
	for height := 1; height <= 100; height++ {
		s.block(height)
	}
	var out bytes.Buffer
	require.NoError(t, traceview.WritePage(&out, open(t, s.String()), "t.jsonl", trace.Blocks{}, noNote(t)))
	page := out.String()
	require.Contains(t, page, "1200 frames in 120ms, blocks 1 to 100")
	require.Equal(t, 2, strings.Count(page, "</script>"), "none of a frame's")
	require.NotContains(t, page, "http://www.w3.org/1999")
	_, rest, _ := strings.Cut(page, `id="data">`)
	text, _, _ := strings.Cut(rest, "</script>")
	var data struct {
		Frames  [][]any
		Blocks  [][]any
		Slowest [][]any
		Totals  [][]int64
	}
	require.NoError(t, json.Unmarshal([]byte(text), &data))
	require.Len(t, data.Frames, 1200)
	require.Equal(t, []any{4.0, 300.0, 1.0, 0.0, 2.0, 1.0, -1.0, 16.0, `["</script><b>"]`, 1.0}, data.Frames[3])
	require.Equal(t, []any{1.0, []any{100.0, 500.0, 100.0, 100.0}}, data.Blocks[0])
	require.Len(t, data.Slowest, 25)
	require.EqualValues(t, 50_000, data.Totals[0][2])
}

func TestAReplaysPageHasEachBlockAndNoText(t *testing.T) {
	var page traceview.ReplayPage
	for height := int64(1); height <= 40; height++ {
		page.Block(height,
			[]traceview.Timed{{Name: "swingset.EndBlock", Calls: 1, RecordedMs: 2, ReplayedMs: 2 + float64(height)}},
			[]traceview.Timed{{Name: "vstorage.Get", Calls: 3, RecordedMs: 0.5, ReplayedMs: 0.25}})
	}
	var out bytes.Buffer
	require.NoError(t, page.Write(&out, traceview.Replayed{
		Name: "t.jsonl", Lead: "The kernel did the same.", Difference: "came </pre></script><b>",
		Facts: [][2]string{{"recorded with", ""}, {"replayed with", "agd 1"}},
	}))
	text := out.String()
	require.Equal(t, 2, strings.Count(text, "</script>"))
	require.Contains(t, text, "came &lt;/pre&gt;&lt;/script&gt;&lt;b&gt;")
	require.NotContains(t, text, "recorded with")
	_, rest, _ := strings.Cut(text, `id="data">`)
	rest, _, _ = strings.Cut(rest, "</script>")
	var data struct {
		Names  []string
		Phases []int
		Blocks [][]any
		Totals map[string][][]int64
		Differ [][]int64
	}
	require.NoError(t, json.Unmarshal([]byte(rest), &data))
	require.Equal(t, []string{"swingset.EndBlock", "vstorage.Get"}, data.Names)
	require.Equal(t, []int{0}, data.Phases)
	require.Len(t, data.Blocks, 40)
	require.Equal(t, []any{1.0, []any{[]any{0.0, 1.0, 2000.0, 3000.0}}, []any{[]any{1.0, 3.0, 500.0, 250.0}}}, data.Blocks[0])
	require.Equal(t, [][]int64{{0, 40, 80_000, 900_000, 2000, 42_000}}, data.Totals["phases"])
	require.Equal(t, [][]int64{{1, 120, 20_000, 10_000, 500, 250}}, data.Totals["methods"])
	require.Len(t, data.Differ, 25)
	require.Equal(t, []int64{40, 2000, 42_000}, data.Differ[0])
}
