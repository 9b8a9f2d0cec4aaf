package replay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// next is block 8, with nothing in it.
const next = `{"time":"2026-01-02T03:04:07Z","from":"agd","frame":{"id":3,"method":"swingset.BeginBlock","params":[{"blockHeight":8}]}}
{"time":"2026-01-02T03:04:07Z","from":"agvm","frame":{"id":3,"result":null,"error":null}}
`

// restart is another run, which repeats block 7.
const restart = handshake + `{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":1,"method":"swingset.Init","params":[{"blockHeight":7,"isBootstrap":false}]}}
{"time":"2026-01-02T03:04:06Z","from":"agvm","frame":{"id":1,"result":true,"error":null}}
` + block + next

// inputs opens two traces.
func inputs(t *testing.T, a, b string) [2]*trace.Input {
	t.Helper()
	var opened [2]*trace.Input
	for i, text := range []string{a, b} {
		name := filepath.Join(t.TempDir(), "r.jsonl")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		input, err := trace.OpenInput(name, nil)
		require.NoError(t, err)
		t.Cleanup(func() { _ = input.Close() })
		opened[i] = input
	}
	return opened
}

func diff(t *testing.T, a, b string) (c Comparison, notes []string, err error) {
	t.Helper()
	c, err = Diff(inputs(t, a, b), [2]string{"a", "b"}, trace.Blocks{}, func(note string) { notes = append(notes, note) })
	return c, notes, err
}

func TestTheSameBlocksAreTheSame(t *testing.T) {
	batches := strings.ReplaceAll(strings.ReplaceAll(block, `["l","1"],["m"]`, `["m"]`), `["k","1"]`, `["k","1"],["l","1"]`)
	for name, b := range map[string]string{
		"itself":                     handshake + block + next,
		"longer":                     handshake + block + next + strings.ReplaceAll(next, `"blockHeight":8`, `"blockHeight":9`),
		"other batches of the store": handshake + batches + next,
		"a restart":                  handshake + block + restart,
		"a start at a later block":   restart,
		"a trace that is cut":        handshake + strings.Join(strings.SplitAfter(block, "\n")[:6], ""),
	} {
		t.Run(name, func(t *testing.T) {
			for _, pair := range [][2]string{{handshake + block + next, b}, {b, handshake + block + next}} {
				c, _, err := diff(t, pair[0], pair[1])
				require.NoError(t, err)
				require.Nil(t, c.Difference)
				require.True(t, c.Same)
				require.EqualValues(t, 7, c.First)
				require.NotZero(t, c.Upcalls)
			}
		})
	}
}

func TestRecordsThatBeginAtDifferentBlocksAreComparedFromTheLaterOne(t *testing.T) {
	for _, pair := range [][2]string{{block + next, next}, {next, block + next}} {
		c, _, err := diff(t, handshake+pair[0], handshake+pair[1])
		require.NoError(t, err)
		require.True(t, c.Same)
		require.Equal(t, [3]int64{8, 8, 1}, [3]int64{c.First, c.Last, int64(c.Upcalls)})
		require.NotEqual(t, c.Records[0].First, c.Records[1].First)
	}
}

func TestTheFirstDifferenceOfTwoRecords(t *testing.T) {
	swap := func(old, new string) string {
		require.Contains(t, handshake+block+next, old)
		return handshake + strings.Replace(block+next, old, new, 1)
	}
	get := `vstorage.Get "a"`
	for name, c := range map[string]struct {
		b    string
		want RecordDifference
	}{
		"another param of the upcall": {swap(`{"blockHeight":7}`, `{"blockHeight":7,"x":1}`), RecordDifference{
			What: "params", Lines: [2]string{"3", "3"}, Has: [2]string{`swingset.EndBlock {"blockHeight":7}`, `swingset.EndBlock {"blockHeight":7,"x":1}`},
		}},
		"another param of a downcall": {swap(`["a","2"]`, `["a","3"]`), RecordDifference{
			What: "downcall", Port: "vstorage", Lines: [2]string{"7", "7"}, Has: [2]string{`vstorage.Set ["a","2"]`, `vstorage.Set ["a","3"]`}, Before: []string{get},
		}},
		"another answer": {swap(`"result":"1"`, `"result":"2"`), RecordDifference{
			What: "answer", Port: "vstorage", Lines: [2]string{"4", "4"}, Has: [2]string{get + ` → "1"`, get + ` → "2"`},
		}},
		"another error": {swap(`"error":"no"`, `"error":"yes"`), RecordDifference{
			What: "answer", Port: "vstorage", Lines: [2]string{"7", "7"}, Has: [2]string{`vstorage.Set ["a","2"] → error: no`, `vstorage.Set ["a","2"] → error: yes`}, Before: []string{get},
		}},
		"a downcall less": {handshake + strings.Join(append(strings.SplitAfter(block, "\n")[:4:4], strings.SplitAfter(block, "\n")[6:]...), "") + next, RecordDifference{
			What: "downcall", Port: "vstorage", Lines: [2]string{"7", "3"}, Has: [2]string{`vstorage.Set ["a","2"]`, ""}, Before: []string{get},
		}},
		"another change of the store": {swap(`["l","1"]`, `["l","2"]`), RecordDifference{
			What: "export", Port: "swingset", Lines: [2]string{"3", "3"}, Has: [2]string{`kernel's store: ["l","1"]`, `kernel's store: ["l","2"]`},
		}},
		"another result": {swap(`"id":2,"result":null,"error":null`, `"id":2,"result":null,"error":"bad"`), RecordDifference{
			What: "result", Lines: [2]string{"3", "3"}, Has: [2]string{"null", "error: bad"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			found, _, err := diff(t, handshake+block+next, c.b)
			require.NoError(t, err)
			require.False(t, found.Same)
			require.Equal(t, 1, found.Differing)
			for i, line := range found.Difference.Lines {
				_, found.Difference.Lines[i], _ = strings.Cut(line, "jsonl:")
			}
			c.want.Height, c.want.Method = 7, "swingset.EndBlock"
			require.Equal(t, c.want, *found.Difference)
		})
	}
}

func TestABlockThatOneRecordLacksDiffers(t *testing.T) {
	found, _, err := diff(t, handshake+block+next, handshake+block+strings.ReplaceAll(next, `"blockHeight":8`, `"blockHeight":9`))
	require.NoError(t, err)
	require.Equal(t, "block", found.Difference.What)
	require.EqualValues(t, 8, found.Difference.Height)
	require.Equal(t, [2]string{"swingset.BeginBlock", ""}, found.Difference.Has)
}

func TestRecordsThatCannotBeComparedAreRefusedByTheirLine(t *testing.T) {
	whole := handshake + block
	for name, c := range map[string]struct{ b, want string }{
		"no block in common":  {handshake + next, "the traces have no block in common: a has 7 to 7, b has 8 to 8"},
		"an empty file":       {"", "a has 7 to 7, b has none"},
		"a later version":     {`{"time":"2026-01-02T03:04:05Z","head":{"trace":2}}` + "\n" + whole, "r.jsonl:1: a trace of format 2: this agd reads format 1"},
		"its beginning lacks": {block, "r.jsonl:1: the trace does not begin with bridge.Handshake"},
		"a frame is missing": {handshake + strings.Join(strings.SplitAfter(block, "\n")[1:], ""),
			"r.jsonl:11: the response of agvm to call 2, which the trace does not have: frames are missing"},
		"text": {whole + "hello\n", "r.jsonl:13: not a line of a trace"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := diff(t, whole, c.b)
			require.ErrorContains(t, err, c.want)
		})
	}
}
