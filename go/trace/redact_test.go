package trace_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/trace"
)

// redacted returns a redacted trace and the notes.
func redacted(t *testing.T, text, key string) (string, []string, error) {
	t.Helper()
	var out bytes.Buffer
	var notes []string
	err := trace.Redact(&out, strings.NewReader(text), trace.Redactor{
		Key: []byte(key), Where: at("t"), Note: func(note string) { notes = append(notes, note) },
	}, false)
	return out.String(), notes, err
}

func TestARedactedTraceHasNoTextsAndTheSameStructure(t *testing.T) {
	s := (&script{}).handshake().
		line("agd", `{"id":2,"method":"swingset.Init","params":[{"blockHeight":7,"chainID":"secret-1","agoric1verylongsecretaddressofanaccount":[1.50,true,null,"secret"]}]}`).
		line("agvm", `{"id":1,"method":"vbank.GetBalance","params":["secret-address","uist"]}`).
		line("agd", `{"id":1,"result":null,"error":"no secret"}`).
		line("agvm", `{"id":2,"result":"secret","error":null}`).
		line("agvm", `"secret no frame"`)
	s.WriteString(`{"time":"2026-01-02T03:04:06Z","head":{"trace":1,"agd":"agd 1","appHash":"ab","reason":"secret","options":{"o":"secret","n":1}}}` + "\n")
	text, notes, err := redacted(t, s.String(), "key")
	require.NoError(t, err)
	require.Empty(t, notes)
	require.NotContains(t, text, "secret")
	for _, kept := range []string{`"head":{"trace":1,"redacted":true}`, `"method":"swingset.Init"`, `"blockHeight":7`, "[1.50,true,null,", `"agd":"agd 1"`, `"appHash":"ab"`, `"n":1`} {
		require.Contains(t, text, kept)
	}
	// It prints as the trace does.
	lines, notes := printed(t, text, trace.Options{})
	require.Empty(t, notes)
	require.Contains(t, strings.Join(lines, "\n"), `  agd→agvm error  #1 vbank.GetBalance 1ms "redacted:`)
	// Equal texts are equal, unless the key is another one.
	again, _, err := redacted(t, s.String(), "key")
	require.NoError(t, err)
	require.Equal(t, text, again)
	other, _, err := redacted(t, s.String(), "other")
	require.NoError(t, err)
	require.NotEqual(t, text, other)
	// Once more changes no structure.
	twice, _, err := redacted(t, text, "key")
	require.NoError(t, err)
	require.Equal(t, strings.Count(text, "\n"), strings.Count(twice, "\n"))
}

func TestLinesThatAreNoTraceAreLeftOutOfARedactedOne(t *testing.T) {
	s := (&script{}).handshake()
	text, notes, err := redacted(t, s.String()+"secret\n"+`{"time":"2026-`, "key")
	require.NoError(t, err)
	require.NotContains(t, text, "secret")
	require.Len(t, notes, 2)
	require.Contains(t, notes[0], "t:3: left out: not a line of a trace")
	require.Equal(t, "t:4: left out: the trace ends in the middle of a line", notes[1])

	_, _, err = redacted(t, "secret\n", "key")
	require.EqualError(t, err, "t:1: no line is one of a trace: there is nothing to redact")
	_, _, err = redacted(t, `{"time":"2026-01-02T03:04:06Z","head":{"trace":9}}`+"\n", "key")
	require.ErrorContains(t, err, "t:1: a trace of format 9")
}

func TestARangeOfBlocksIsPrinted(t *testing.T) {
	s := (&script{}).handshake()
	for _, height := range []string{"7", "8", "9"} {
		s.line("agd", `{"id":`+height+`,"method":"swingset.EndBlock","params":[{"blockHeight":`+height+`}]}`).
			line("agvm", `{"id":1,"method":"vstorage.Get","params":["`+height+`"]}`)
	}
	lines, notes := printed(t, s.String(), trace.Options{Blocks: trace.Blocks{From: 8, To: 8}})
	require.Empty(t, notes)
	require.Len(t, lines, 3) // with the day
	require.Contains(t, lines[1], `{"blockHeight":8}`)
	require.Contains(t, lines[2], `vstorage.Get "8"`)
	lines, _ = printed(t, s.String(), trace.Options{Blocks: trace.Blocks{To: 7}})
	require.Len(t, lines, 5)
}

// at names lines.
func at(name string) func(line int) string {
	return func(line int) string { return fmt.Sprintf("%s:%d", name, line) }
}
