package trace_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// script makes the lines of a trace, a millisecond from one to the next.
type script struct {
	bytes.Buffer
	millis int
}

func (s *script) line(from, frame string) *script {
	fmt.Fprintf(s, `{"time":"2026-01-02T03:04:05.%03dZ","from":%q,"frame":%s}`+"\n", s.millis, from, frame)
	s.millis++
	return s
}

func (s *script) handshake() *script {
	return s.line("agd", `{"id":1,"method":"bridge.Handshake","params":[{}]}`).
		line("agvm", `{"id":1,"result":{},"error":null}`)
}

// printed returns a Printer's output for a trace: the lines and the notes.
func printed(t *testing.T, text string, options trace.Options) (lines, notes []string) {
	t.Helper()
	var out, errs bytes.Buffer
	options.Out, options.Notes, options.Name = &out, &errs, "t.jsonl"
	if options.Width == nil {
		options.Width = func() int { return 0 }
	}
	printer, err := trace.NewPrinter(options)
	require.NoError(t, err)
	require.NoError(t, trace.ReadAll(strings.NewReader(text), printer))
	require.NoError(t, printer.End())
	return splitLines(out.String()), splitLines(errs.String())
}

func TestAFileThatIsNoTraceIsRefused(t *testing.T) {
	for text, lines := range map[string]int{"x\n": 1, strings.Repeat("# x\n", 10): 10, strings.Repeat("x\n", 100): 10} {
		var out, notes bytes.Buffer
		printer, err := trace.NewPrinter(trace.Options{Out: &out, Notes: &notes, Name: "x.md", Width: func() int { return 0 }})
		require.NoError(t, err)
		if err = trace.ReadAll(strings.NewReader(text), printer); err == nil {
			err = printer.End()
		}
		require.ErrorContains(t, err, "x.md is no trace: none of its ")
		require.Equal(t, lines, strings.Count(notes.String(), "\n"))
		require.Empty(t, out.String())
	}
}

func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func TestAnAnswerIsJoinedWithItsCallAndADowncallIsBelowItsUpcall(t *testing.T) {
	s := new(script).handshake().
		line("agd", `{"id":2,"method":"swingset.EndBlock","params":[{"blockHeight":1}]}`).
		line("agvm", `{"id":2,"method":"vstorage.Get","params":["a","b"]}`).
		line("agd", `{"id":2,"result":null,"error":null}`).
		line("agvm", `{"id":3,"method":"vbank.Grab","params":[]}`).
		line("agd", `{"id":3,"result":null,"error":"no funds"}`).
		line("agvm", `{"id":null,"method":"agd.Stop","params":[{"signal":"SIGTERM"}]}`).
		line("agvm", `{"id":2,"result":true,"error":null}`).
		line("agvm", `{"id":9,"result":true,"error":null}`).
		line("agvm", `{"id":4,"method":"vstorage.Get","params":[]}`)
	lines, notes := printed(t, s.String(), trace.Options{})
	require.Empty(t, notes)
	require.Equal(t, []string{
		"── 2026-01-02 UTC, run 1",
		"03:04:05.000000 agd→agvm call   #1 bridge.Handshake {}",
		"03:04:05.001000 agvm→agd answer #1 bridge.Handshake 1ms {}",
		`03:04:05.002000 agd→agvm call   #2 swingset.EndBlock {"blockHeight":1}`,
		`03:04:05.003000   agvm→agd call   #2 vstorage.Get "a","b"`,
		"03:04:05.004000   agd→agvm answer #2 vstorage.Get 1ms null",
		"03:04:05.005000   agvm→agd call   #3 vbank.Grab",
		`03:04:05.006000   agd→agvm error  #3 vbank.Grab 1ms "no funds"`,
		`03:04:05.007000   agvm→agd notify agd.Stop {"signal":"SIGTERM"}`,
		"03:04:05.008000 agvm→agd answer #2 swingset.EndBlock 6ms true",
		"03:04:05.009000 agvm→agd answer #9 (its call is not in the trace) true",
		"03:04:05.010000 agvm→agd call   #4 vstorage.Get",
		"── no answer to agvm→agd #4 vstorage.Get of line 11",
	}, lines)
}

func TestTheNextRunInAFileIsNotJoinedWithTheOneBefore(t *testing.T) {
	s := new(script).handshake().
		line("agd", `{"id":2,"method":"swingset.EndBlock","params":[]}`).
		handshake().
		line("agvm", `{"id":2,"result":"of nobody","error":null}`).
		line("agd", `{"id":2,"method":"swingset.BeginBlock","params":[]}`).
		line("agvm", `{"id":2,"result":"mine","error":null}`)
	lines, _ := printed(t, s.String(), trace.Options{})
	require.Equal(t, []string{
		"── no answer to agd→agvm #2 swingset.EndBlock of line 3",
		"── 2026-01-02 UTC, run 2",
		"03:04:05.003000 agd→agvm call   #1 bridge.Handshake {}",
		"03:04:05.004000 agvm→agd answer #1 bridge.Handshake 1ms {}",
		`03:04:05.005000 agvm→agd answer #2 (its call is not in the trace) "of nobody"`,
		"03:04:05.006000 agd→agvm call   #2 swingset.BeginBlock",
		`03:04:05.007000 agvm→agd answer #2 swingset.BeginBlock 1ms "mine"`,
	}, lines[4:])
}

func TestALineThatIsNoneOfATraceIsSkippedAndNamed(t *testing.T) {
	good := new(script).line("agd", `{"id":null,"method":"m","params":[]}`).String()
	for name, line := range map[string]string{
		"text":                "hello",
		"empty":               "",
		"binary":              "\x00\xff\x1b[2J",
		"other JSON":          `{"time":"2026-01-02T03:04:05Z"}`,
		"no object":           `[1]`,
		"another side":        `{"time":"2026-01-02T03:04:05Z","from":"me","frame":{}}`,
		"a time that is none": `{"time":"soon","from":"agd","frame":{}}`,
	} {
		lines, notes := printed(t, good+line+"\n"+good, trace.Options{})
		require.Len(t, lines, 3, name)
		require.Len(t, notes, 1, name)
		require.Contains(t, notes[0], "t.jsonl:2: skipped: not a line of a trace", name)
		require.NotContains(t, notes[0], "\x1b", name)
	}
}

func TestAFrameThatBreaksTheProtocolIsShown(t *testing.T) {
	s := new(script).line("agvm", `"{\"id\":"`).line("agvm", `{"id":1.5,"method":"m","params":[]}`)
	lines, notes := printed(t, s.String(), trace.Options{})
	require.Empty(t, notes)
	require.Equal(t, []string{
		`03:04:05.000000 agvm→agd broken (from agvm: byte 0: expected "{") "{\"id\":"`,
		`03:04:05.001000 agvm→agd broken (from agvm: byte 6: expected null or an integer from 0 to 9007199254740991) {"id":1.5,"method":"m","params":[]}`,
	}, lines[1:])
}

func TestALastLineWithoutItsEndIsNoted(t *testing.T) {
	whole := new(script).line("agd", `{"id":null,"method":"m","params":[]}`).String()
	lines, notes := printed(t, whole+whole[:30], trace.Options{})
	require.Len(t, lines, 2)
	require.Equal(t, []string{"t.jsonl:2: skipped: incomplete: the writer is still running, or it ended here"}, notes)
	lines, notes = printed(t, strings.TrimSuffix(whole, "\n"), trace.Options{})
	require.Len(t, lines, 2)
	require.Empty(t, notes)
}

func TestLinesAreAsWideAsAsked(t *testing.T) {
	s := new(script).line("agd", `{"id":null,"method":"m","params":["żółć żółć żółć \u001b[2J `+"\u009b"+`"]}`)
	whole, _ := printed(t, s.String(), trace.Options{})
	require.Equal(t, "03:04:05.000000 agd→agvm notify m \"żółć żółć żółć \\u001b[2J \\u009b\"", whole[1])
	for width := 1; width < 80; width++ {
		lines, _ := printed(t, s.String(), trace.Options{Width: func() int { return width }})
		for i, line := range lines {
			require.LessOrEqual(t, utf8.RuneCountInString(line), width)
			if line != whole[i] {
				require.True(t, strings.HasSuffix(line, "…"), line)
				require.True(t, strings.HasPrefix(whole[i], strings.TrimSuffix(line, "…")), line)
			}
		}
	}
}

func TestAPatternChoosesMethodsAndTheirAnswers(t *testing.T) {
	s := new(script).
		line("agd", `{"id":2,"method":"swingset.EndBlock","params":[]}`).
		line("agvm", `{"id":2,"method":"vstorage.Get","params":[]}`).
		line("agd", `{"id":2,"result":1,"error":null}`).
		line("agvm", `{"id":2,"result":2,"error":null}`)
	lines, _ := printed(t, s.String(), trace.Options{Methods: []string{"vstorage.*"}})
	require.Equal(t, []string{
		"03:04:05.001000   agvm→agd call   #2 vstorage.Get",
		"03:04:05.002000   agd→agvm answer #2 vstorage.Get 1ms 1",
	}, lines[1:])
	_, notes := printed(t, s.String(), trace.Options{Methods: []string{"nope.*", "vat?"}})
	require.Equal(t, []string{"t.jsonl: no frame of method nope.* or vat?: there are swingset.EndBlock, vstorage.Get"}, notes)
	_, err := trace.NewPrinter(trace.Options{Out: io.Discard, Methods: []string{"["}})
	require.ErrorContains(t, err, `"[" is not a pattern such as vstorage.*`)
}

func TestJSONHasWhatWasSentAndWhatWasJoined(t *testing.T) {
	s := new(script).handshake().
		line("agvm", `{"id":2,"method":"a<b","params":[1e400,9007199254740993,"\ud800"]}`).
		line("agd", `{"id":2,"result":{"x":[]},"error":null}`)
	lines, _ := printed(t, s.String(), trace.Options{JSON: true})
	require.Equal(t, []string{
		`{"line":3,"run":1,"time":"2026-01-02T03:04:05.002Z","from":"agvm","kind":"call","id":2,"method":"a<b","depth":0,"params":[1e400,9007199254740993,"\ud800"]}`,
		`{"line":4,"run":1,"time":"2026-01-02T03:04:05.003Z","from":"agd","kind":"answer","id":2,"method":"a<b","depth":0,"micros":1000,"result":{"x":[]}}`,
	}, lines[2:])
}

func TestATraceWithoutTheBlocksOfTheOptionsSaysSo(t *testing.T) {
	var s script
	s.handshake()
	for _, height := range []string{"3", "5"} {
		s.line("agd", `{"id":`+height+`,"method":"swingset.BeginBlock","params":[{"blockHeight":`+height+`}]}`)
	}
	for _, c := range []struct {
		blocks trace.Blocks
		want   []string
	}{
		{trace.Blocks{From: 99}, []string{"t.jsonl: no frame from block 99 on: the trace has blocks 3 to 5"}},
		{trace.Blocks{From: 1, To: 2}, []string{"t.jsonl: no frame in blocks 1 to 2: the trace has blocks 3 to 5"}},
		{trace.Blocks{From: 5}, nil},
	} {
		for _, asJSON := range []bool{false, true} {
			lines, notes := printed(t, s.String(), trace.Options{Blocks: c.blocks, JSON: asJSON})
			require.Equal(t, c.want, notes)
			require.Equal(t, c.want == nil, len(lines) > 0)
		}
	}
}
