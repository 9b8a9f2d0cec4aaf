package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// initOf is the start of a kernel at a block.
func initOf(height int) string {
	return frames("swingset.Init", height, `,"chainID":"c","isBootstrap":false,"resolvedConfig":{"slogfile":"/s"}`)
}

// frames are an upcall without downcalls.
func frames(method string, height int, more string) string {
	return fmt.Sprintf(`{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":7,"method":%q,"params":[{"blockHeight":%d%s}]}}
{"time":"2026-01-02T03:04:06Z","from":"agvm","frame":{"id":7,"result":null,"error":null}}
`, method, height, more)
}

// gap is a head of a flight recorder's file.
const (
	flown = `{"time":"2026-01-02T03:04:05Z","head":{"trace":1,"agd":"agd","reason":"block failed"}}` + "\n"
	gap   = `{"time":"2026-01-02T03:04:06Z","head":{"trace":1,"gap":true}}` + "\n"
)

// partOf reads a trace from a block on.
func partOf(t *testing.T, text string, from int64) (*vmPart, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "r")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	input, err := trace.OpenInput(file, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = input.Close() })
	part := &vmPart{record: newExchangeReader(input, func(string) {}), report: &Report{}}
	t.Cleanup(part.record.stop)
	err = part.seek(from)
	if part.now != nil {
		part.run = part.now.Run
	}
	return part, err
}

func TestAReplayToAChainBeginsWhereTheRecordAllows(t *testing.T) {
	blocks := initOf(7) + frames("swingset.BeginBlock", 7, "") + frames("swingset.BeginBlock", 8, "")
	for name, c := range map[string]struct {
		text   string
		from   int64
		method string
		height int64
		inside bool
		err    string
	}{
		"at the first start":          {handshake + blocks, 0, vm.MethodInit, 7, false, ""},
		"before the first start":      {handshake + blocks, 3, vm.MethodInit, 7, false, ""},
		"in the middle":               {handshake + blocks, 8, vm.MethodBeginBlock, 8, true, ""},
		"after the end":               {handshake + blocks, 9, "", 0, false, "the trace has no beginning of block 9 or a later one"},
		"at another start":            {handshake + blocks + handshake + initOf(9), 9, vm.MethodInit, 9, false, ""},
		"in an empty record":          {handshake, 0, "", 0, false, ""},
		"without a start":             {handshake + frames("swingset.BeginBlock", 7, ""), 0, "", 7, false, "r:3: swingset.BeginBlock without swingset.Init before it"},
		"after a flight recorder's":   {flown + handshake + blocks + gap + frames("swingset.EndBlock", 20, "") + frames("swingset.BeginBlock", 21, ""), 0, vm.MethodBeginBlock, 21, true, ""},
		"a flight recorder's, no gap": {flown + handshake + blocks, 0, vm.MethodInit, 7, false, ""},
		"a redacted one":              {`{"time":"2026-01-02T03:04:06Z","head":{"trace":1,"redacted":true}}` + "\n" + handshake, 0, "", 0, false, "r:1: this trace is redacted: it lacks the texts that a replay needs"},
	} {
		t.Run(name, func(t *testing.T) {
			part, err := partOf(t, c.text, c.from)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.inside, part.inside)
			if c.method == "" {
				require.Nil(t, part.now)
				return
			}
			require.Equal(t, c.method, part.now.Method)
			require.Equal(t, c.height, part.now.Height())
		})
	}
}

// answers are a chain's answers to the block's downcalls.
type answers struct{ get, set string }

// upcallTo makes the upcall of a chain that answers so, over real pipes.
func upcallTo(t *testing.T, part *vmPart, a answers, method, param string) (json.RawMessage, error) {
	t.Helper()
	ends, err := pipedBridge(bridge.DefaultLimits())
	require.NoError(t, err)
	defer ends[0].Close()
	defer ends[1].Close()
	require.NoError(t, part.serve(ends[1]))
	for _, name := range vm.DowncallMethods {
		require.NoError(t, ends[0].Handle(name, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			switch name {
			case "vstorage.Get":
				return json.RawMessage(a.get), nil
			case "vstorage.Set":
				return nil, errors.New(a.set)
			}
			return json.RawMessage("true"), nil
		}))
	}
	return ends[0].Call(context.Background(), method, json.RawMessage(param))
}

func TestTheVMsPartComparesWhatAChainDoes(t *testing.T) {
	begin := handshake + initOf(7) + block
	same := answers{`"1"`, "no"}
	for name, c := range map[string]struct {
		answers
		method, param string
		want          *Difference
	}{
		"the same":            {same, vm.MethodEndBlock, `{"blockHeight":7}`, nil},
		"another upcall":      {same, vm.MethodBeginBlock, `{"blockHeight":7}`, &Difference{Line: 5, Expected: `swingset.EndBlock {"blockHeight":7}`, Came: `swingset.BeginBlock {"blockHeight":7}`}},
		"another param":       {same, vm.MethodEndBlock, `{"blockHeight":8}`, &Difference{Line: 5, Expected: `swingset.EndBlock {"blockHeight":7}`, Came: `swingset.EndBlock {"blockHeight":8}`}},
		"another answer":      {answers{`"2"`, "no"}, vm.MethodEndBlock, `{"blockHeight":7}`, &Difference{Line: 7, Expected: `vstorage.Get "a" → "1"`, Came: `vstorage.Get "a" → "2"`}},
		"an error of another": {answers{`"1"`, "never"}, vm.MethodEndBlock, `{"blockHeight":7}`, &Difference{Line: 10, Expected: `vstorage.Set ["a","2"] → error: no`, Came: `vstorage.Set ["a","2"] → error: never`}},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread() // as in a library, whose caller's thread this is
			defer runtime.UnlockOSThread()
			part, err := partOf(t, begin, 0)
			require.NoError(t, err)
			// The options of the node may differ.
			_, err = upcallTo(t, part, same, vm.MethodInit, `{"isBootstrap":false,"blockHeight":7,"chainID":"c","resolvedConfig":{}}`)
			require.NoError(t, err)
			result, err := upcallTo(t, part, c.answers, c.method, c.param)
			if c.want == nil {
				require.NoError(t, err)
				require.Equal(t, "null", string(result))
				require.Nil(t, part.difference)
				require.Nil(t, part.now)
				require.Equal(t, 4, part.report.Downcalls)
				_, err := upcallTo(t, part, same, vm.MethodCommitBlock, `{"blockHeight":7}`)
				require.ErrorContains(t, err, errOver.Error())
				require.True(t, part.over)
				return
			}
			require.ErrorContains(t, err, errDiffers.Error())
			came := part.difference
			require.Equal(t, [3]any{c.want.Line, c.want.Expected, c.want.Came}, [3]any{came.Line, came.Expected, came.Came})
			require.Contains(t, came.Error(), "block 7, swingset.EndBlock: the chain does not do what line ")
		})
	}
}

func TestAMissingAnswerIsRefusedByItsLine(t *testing.T) {
	lines := strings.SplitAfter(block, "\n")
	part, err := partOf(t, handshake+initOf(7)+strings.Join(append(lines[:2:2], lines[3:]...), ""), 0)
	require.NoError(t, err)
	require.NoError(t, part.advance())
	_, err = upcallTo(t, part, answers{`"1"`, "no"}, vm.MethodEndBlock, `{"blockHeight":7}`)
	require.Error(t, err)
	require.ErrorContains(t, part.err, "r:6: the trace has no answer to vstorage.Get: frames are missing")
}
