package doctor

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func report() Report {
	long := strings.Repeat("some words that go on ", 12)
	return NewReport("agd 1", "/home", []Finding{
		finding(Machine, "node", "20 at /usr/bin/node"),
		finding(Machine, "jail", long).but(Warn, long),
		finding(Ports, "instrumentation.prometheus_listen_addr", "127.0.0.1:26660 is held by <agd>").but(Fail, "stop it"),
	})
}

func TestAReportIsReadableAt80Columns(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report().Print(&out, false))
	text := out.String()
	require.NotContains(t, text, "\x1b", "no colours")
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 80, line)
	}
	require.Contains(t, text, "\nmachine\n  ok    node             20 at /usr/bin/node\n")
	require.Contains(t, text, "  fail  instrumentation.prometheus_listen_addr\n                         127.0.0.1:26660 is held by <agd>\n                         → stop it\n")
	require.Contains(t, text, "\n1 ok, 1 to look at (warn), 1 to correct (fail)\n")
}

func TestColoursAreAroundTheVerdictsAlone(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report().Print(&out, true))
	require.Contains(t, out.String(), "\x1b[1;31mfail \x1b[0m instrumentation")
	require.Equal(t, 6, strings.Count(out.String(), "\x1b["))
}

func TestTheWorstFindingIsTheReports(t *testing.T) {
	require.Equal(t, Fail, report().Verdict)
	require.Equal(t, Warn, NewReport("", "", report().Checks[:2]).Verdict)
	require.Equal(t, OK, NewReport("", "", nil).Verdict)
}

func TestAReportAsJSON(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report().PrintJSON(&out))
	require.Contains(t, out.String(), "<agd>", "text as it is")
	var read map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &read))
	require.EqualValues(t, 1, read["version"])
	require.Equal(t, "fail", read["verdict"])
	require.Equal(t, map[string]any{"group": "machine", "name": "node", "verdict": "ok", "found": "20 at /usr/bin/node"}, read["checks"].([]any)[0])
}
