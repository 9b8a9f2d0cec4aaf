package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// handshake begins every record.
const handshake = `{"time":"2026-01-02T03:04:05Z","from":"agd","frame":{"id":1,"method":"bridge.Handshake","params":[{}]}}
{"time":"2026-01-02T03:04:05Z","from":"agvm","frame":{"id":1,"result":{},"error":null}}
`

// block is END_BLOCK of block 7: a read, a write and two batches of the store's
// changes.
const block = `{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":2,"method":"swingset.EndBlock","params":[{"blockHeight":7}]}}
{"time":"2026-01-02T03:04:06Z","from":"agvm","frame":{"id":1,"method":"vstorage.Get","params":["a"]}}
{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":1,"result":"1","error":null}}
{"time":"2026-01-02T03:04:06Z","from":"agvm","frame":{"id":2,"method":"swingset.SwingStoreUpdateExportData","params":[["k","1"]]}}
{"time":"2026-01-02T03:04:06Z","from":"agvm","frame":{"id":3,"method":"vstorage.Set","params":[["a","2"]]}}
{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":3,"result":null,"error":"no"}}
{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":2,"result":true,"error":null}}
{"time":"2026-01-02T03:04:06Z","from":"agvm","frame":{"id":4,"method":"swingset.SwingStoreUpdateExportData","params":[["l","1"],["m"]]}}
{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":4,"result":true,"error":null}}
{"time":"2026-01-02T03:04:06.5Z","from":"agvm","frame":{"id":2,"result":null,"error":null}}
`

// exchanges reads a trace.
func exchanges(text string) (all []*Exchange, notes []string, err error) {
	r := Recording{
		Where: func(line int) string { return fmt.Sprint("r:", line) }, Note: func(note string) { notes = append(notes, note) },
		Play: func(e *Exchange) error { all = append(all, e); return nil },
	}
	err = trace.ReadAll(strings.NewReader(text), &r)
	if err == nil {
		err = r.End()
	}
	return all, notes, err
}

func TestARecordIsReadUpcallByUpcall(t *testing.T) {
	all, notes, err := exchanges(handshake + block)
	require.NoError(t, err)
	require.Empty(t, notes)
	require.Len(t, all, 1)
	require.Equal(t, vm.MethodEndBlock, all[0].Method)
	require.EqualValues(t, 7, all[0].Height())
	require.Equal(t, 3, all[0].Line)
	require.Len(t, all[0].Downcalls, 4)
	require.Equal(t, "no", *all[0].Downcalls[2].Response.Error)
	require.EqualValues(t, 500, all[0].Took.Milliseconds())
}

func TestADamagedRecordIsRefusedByItsLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"its beginning is missing": {block, "r:1: the trace does not begin with bridge.Handshake: its beginning is missing"},
		"a line that is no frame":  {handshake + "{}\n" + block, `r:3: not a line of a trace: expected {"time":…,"from":"agd" or "agvm","frame":…}`},
		"a broken frame":           {handshake + `{"time":"2026-01-02T03:04:06Z","from":"agd","frame":{"id":2}}` + "\n", "r:3: a broken frame: from agd: byte 7"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := exchanges(c.text)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestARecordThatIsCutIsReadUpToItsEnd(t *testing.T) {
	lines := strings.SplitAfter(block, "\n")
	all, notes, err := exchanges(handshake + strings.Join(lines[:4], "") + lines[4][:20])
	require.NoError(t, err)
	require.Equal(t, []string{"r:7: the trace ends in the middle of a line"}, notes)
	require.Len(t, all, 1)
	require.True(t, all[0].Cut)
	require.Len(t, all[0].Downcalls, 2)
	require.Nil(t, all[0].Downcalls[1].Response)
}

// kernel is what a VM does in the block: it returns the response.
type kernel func(ctx context.Context, b bridge.Bridge) (json.RawMessage, error)

// call makes a downcall.
func call(ctx context.Context, t *testing.T, b bridge.Bridge, method, params string) (string, error) {
	t.Helper()
	var values []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(params), &values))
	result, err := b.Call(ctx, method, values...)
	return string(result), err
}

// play plays the block to a kernel over real pipes.
func play(t *testing.T, k kernel) error {
	t.Helper()
	return playRecord(t, handshake+block, k)
}

// playRecord plays the first exchange of a trace.
func playRecord(t *testing.T, text string, k kernel) error {
	t.Helper()
	_, err := playTimed(t, text, k)
	return err
}

// pairOf returns the VM's end of a bridge over real pipes, and a player to it.
func pairOf(t *testing.T, k kernel) (bridge.Bridge, *Player) {
	t.Helper()
	fromVM, toAgd, err := os.Pipe()
	require.NoError(t, err)
	fromAgd, toVM, err := os.Pipe()
	require.NoError(t, err)
	agd := split.New(fromVM, toVM, bridge.Options{})
	t.Cleanup(func() { _ = agd.Close() })
	peer := split.New(fromAgd, toAgd, bridge.Options{})
	require.NoError(t, peer.Handle(vm.MethodEndBlock, func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		return k(ctx, peer)
	}))
	player, err := NewPlayer(agd)
	require.NoError(t, err)
	return peer, player
}

// playTimed also returns agd's times for the downcalls.
func playTimed(t *testing.T, text string, k kernel) (times Times, err error) {
	t.Helper()
	peer, player := pairOf(t, k)
	defer peer.Close()
	all, _, err := exchanges(text)
	require.NoError(t, err)
	player.Answered = times.add
	_, err = player.Play(t.Context(), all[0])
	return times, err
}

const sameSet = `[["a", "2"]]`

func TestAKernelThatDoesTheSameIsTheSame(t *testing.T) {
	var read string
	var refused error
	times, err := playTimed(t, handshake+block, func(ctx context.Context, b bridge.Bridge) (json.RawMessage, error) {
		// The modules' order among each other, and the batches, may differ.
		_, err := call(ctx, t, b, exportData, `[["k","1"],["l","1"],["m"]]`)
		require.NoError(t, err)
		read, err = call(ctx, t, b, "vstorage.Get", `["a"]`)
		require.NoError(t, err)
		_, refused = call(ctx, t, b, "vstorage.Set", sameSet)
		return json.RawMessage("null"), nil
	})
	require.NoError(t, err)
	require.Equal(t, `"1"`, read)
	var remote *bridge.RemoteError
	require.ErrorAs(t, refused, &remote)
	require.Equal(t, "no", remote.Message)
	calls := map[string]int{}
	for _, each := range times {
		calls[each.Method] = each.Calls
	}
	require.Equal(t, map[string]int{"vstorage.Get": 1, "vstorage.Set": 1, exportData: 2}, calls, "of the trace")
}

func TestEachBlockOfEachStartHasItsTimes(t *testing.T) {
	var all []BlockTimes
	blocks := blockTimer{each: func(b BlockTimes) { all = append(all, b) }}
	text := handshake + block + frames("swingset.CommitBlock", 7, "") + frames("swingset.BeginBlock", 8, "") + handshake + initOf(8)
	read, _, err := exchanges(text)
	require.NoError(t, err)
	for _, e := range read {
		blocks.block(e).Phases.add(e.Method, 1, e.Took, 0)
	}
	blocks.end()
	require.Equal(t, []BlockTimes{
		{Height: 7, Phases: Times{{Method: "swingset.EndBlock", Calls: 1, RecordedMs: 500}, {Method: "swingset.CommitBlock", Calls: 1}}},
		{Height: 8, Phases: Times{{Method: "swingset.BeginBlock", Calls: 1}}},
		{Height: 8, Phases: Times{{Method: "swingset.Init", Calls: 1}}},
	}, all)
}

func TestTheFirstDifferenceIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		get, set, export string
		response         json.RawMessage
		err              error
		want             Difference
	}{
		"another param": {`["a"]`, `[["a","3"]]`, "", nil, nil, Difference{
			Line: 7, Expected: `vstorage.Set ["a","2"]`, Came: `vstorage.Set ["a","3"]`, Before: []string{`vstorage.Get "a"`},
		}},
		"another method": {"", `[["a","2"]]`, "", nil, nil, Difference{
			Line: 4, Expected: `vstorage.Get "a"`, Came: `vstorage.Set ["a","2"]`,
		}},
		"a call is missing": {`["a"]`, "", "", json.RawMessage("null"), nil, Difference{
			Line: 7, Expected: `vstorage.Set ["a","2"]`, Before: []string{`vstorage.Get "a"`},
		}},
		"another change of the store": {`["a"]`, sameSet, `[["k","1"],["l","2"],["m"]]`, json.RawMessage("null"), nil, Difference{
			Line: 3, Expected: `kernel's store: ["l","1"]`, Came: `kernel's store: ["l","2"]`,
		}},
		"a change of the store is missing": {`["a"]`, sameSet, `[["k","1"],["l","1"]]`, json.RawMessage("null"), nil, Difference{
			Line: 3, Expected: `kernel's store: ["m"]`,
		}},
		"another result": {`["a"]`, sameSet, `[["k","1"],["l","1"],["m"]]`, json.RawMessage("false"), nil, Difference{
			Line: 3, Expected: "null", Came: "false",
		}},
		"an error": {`["a"]`, sameSet, `[["k","1"],["l","1"],["m"]]`, nil, errors.New("bad"), Difference{
			Line: 3, Expected: "null", Came: "error: bad",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			err := play(t, func(ctx context.Context, b bridge.Bridge) (json.RawMessage, error) {
				for _, down := range [][2]string{{"vstorage.Get", c.get}, {"vstorage.Set", c.set}, {exportData, c.export}} {
					if down[1] != "" {
						_, _ = call(ctx, t, b, down[0], down[1])
					}
				}
				return c.response, c.err
			})
			var d *Difference
			require.ErrorAs(t, err, &d)
			c.want.Height, c.want.Method = 7, vm.MethodEndBlock
			require.Equal(t, c.want, *d)
		})
	}
}

func TestADifferenceShowsWhereLongValuesDiffer(t *testing.T) {
	same := strings.Repeat("x", 5000)
	text := (&Difference{Height: 7, Method: "m", Line: 3, Expected: same + "a" + same, Came: same + "b" + same}).Error()
	require.Less(t, len(text), 1500)
	require.Contains(t, text, "xa")
	require.Contains(t, text, "xb")
}

func TestAnInitIsPlayedWithoutTheFilesOfTheRecordedNode(t *testing.T) {
	params, err := withoutFiles([]json.RawMessage{json.RawMessage(`{"isBootstrap":true,"resolvedConfig":{"slogfile":"/s","maxVatsOnline":50,"vatSnapshotArchiveDir":"/a"}}`)})
	require.NoError(t, err)
	require.JSONEq(t, `{"isBootstrap":true,"resolvedConfig":{"maxVatsOnline":50}}`, string(params[0]))
}
