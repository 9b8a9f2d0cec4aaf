package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// downcall is one of a test: its method, params and answer.
type downcall struct{ method, params, answer string }

// endBlock is a trace of END_BLOCK.
func endBlock(height int, downcalls ...downcall) string {
	const time = `{"time":"2026-01-02T03:04:06Z","from":`
	text := fmt.Sprintf(time+`"agd","frame":{"id":100,"method":"swingset.EndBlock","params":[{"blockHeight":%d}]}}`+"\n", height)
	for i, d := range downcalls {
		text += fmt.Sprintf(time+`"agvm","frame":{"id":%d,"method":%q,"params":%s}}`+"\n", i+1, d.method, d.params)
		text += fmt.Sprintf(time+`"agd","frame":{"id":%d,"result":%s,"error":null}}`+"\n", i+1, d.answer)
	}
	return text + time + `"agvm","frame":{"id":100,"result":null,"error":null}}` + "\n"
}

func get(path, answer string) downcall {
	return downcall{"vstorage.Get", fmt.Sprintf("[%q]", path), answer}
}

func set(path, value string) downcall {
	return downcall{"vstorage.Set", fmt.Sprintf("[[%q,%q]]", path, value), "null"}
}

// matched plays a trace to a kernel that makes other downcalls, and returns the
// differences and the answers that it got.
func matched(t *testing.T, record string, did [][]downcall, result func(block int) (json.RawMessage, error)) (*Differences, []string, error) {
	t.Helper()
	block := 0
	var answers []string
	peer, player := pairOf(t, func(ctx context.Context, b bridge.Bridge) (json.RawMessage, error) {
		block++
		for _, d := range did[block-1] {
			answer, err := call(ctx, t, b, d.method, d.params)
			if err != nil {
				return nil, err
			}
			answers = append(answers, answer)
		}
		return result(block)
	})
	defer peer.Close()
	player.All = &Differences{}
	all, _, err := exchanges(handshake + record)
	require.NoError(t, err)
	for _, e := range all {
		if _, err = player.Play(t.Context(), e); err != nil {
			break
		}
	}
	player.All.end()
	return player.All, answers, err
}

func null(int) (json.RawMessage, error) { return json.RawMessage("null"), nil }

// shownOf are the differences as short texts.
func shownOf(all *Differences) (texts []string) {
	for _, p := range all.Ports {
		for _, d := range p.Shown {
			texts = append(texts, fmt.Sprintf("%d %s %s: %s | %s", p.Height, p.Port, d.Kind, d.Expected, d.Came))
		}
	}
	return texts
}

func TestAllDifferencesAreListedAndTheKernelGoesOn(t *testing.T) {
	record := []downcall{get("a", `"1"`), set("b", "2"), get("c", `"3"`), set("d", "4"), set("e", "5")}
	bank := downcall{"vbank.GetBalance", `["x"]`, `"7"`}
	for name, c := range map[string]struct {
		did     []downcall
		want    []string
		answers []string
	}{
		"nothing": {record, nil, []string{`"1"`, "null", `"3"`, "null", "null"}},
		"another value": {
			[]downcall{record[0], set("b", "3"), record[2], record[3], record[4]},
			[]string{`7 vstorage changed: vstorage.Set ["b","2"] | vstorage.Set ["b","3"]`},
			[]string{`"1"`, "null", `"3"`, "null", "null"},
		},
		"one more write, which shifts the others": {
			[]downcall{record[0], set("z", "1"), record[1], record[2], record[3], record[4]},
			[]string{`7 vstorage extra:  | vstorage.Set ["z","1"]`},
			[]string{`"1"`, "null", "null", `"3"`, "null", "null"},
		},
		"a call is missing": {
			[]downcall{record[0], record[1], record[3], record[4]},
			[]string{`7 vstorage missing: vstorage.Get "c" | `},
			[]string{`"1"`, "null", "null", "null"},
		},
		"a call is repeated": {
			[]downcall{record[0], record[0], record[1], record[2], record[3], record[4]},
			[]string{`7 vstorage extra:  | vstorage.Get "a"`},
			[]string{`"1"`, `"1"`, "null", `"3"`, "null", "null"},
		},
		"another order": {
			[]downcall{record[1], record[2], record[0], record[3], record[4]},
			[]string{`7 vstorage moved: vstorage.Get "a" | vstorage.Get "a"`},
			[]string{"null", `"3"`, `"1"`, "null", "null"},
		},
		"a read of another path, by order": {
			[]downcall{record[0], record[1], get("q", ""), record[3], record[4]},
			[]string{`7 vstorage changed: vstorage.Get "c" | vstorage.Get "q"`},
			[]string{`"1"`, "null", `"3"`, "null", "null"},
		},
		"an end that is missing": {
			record[:2],
			[]string{
				`7 vstorage missing: vstorage.Get "c" | `, `7 vstorage missing: vstorage.Set ["d","4"] | `,
				`7 vstorage missing: vstorage.Set ["e","5"] | `,
			},
			[]string{`"1"`, "null"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			all, answers, err := matched(t, endBlock(7, record...)+endBlock(8, bank), [][]downcall{c.did, {bank}}, null)
			require.NoError(t, err)
			require.Equal(t, c.want, shownOf(all))
			require.Equal(t, append(c.answers, `"7"`), answers)
			differing := min(len(c.want), 1)
			require.Equal(t, [3]int{2, 2 - differing, differing}, [3]int{all.Blocks, all.EqualBlocks, all.DifferingBlocks})
			total := 0
			for _, m := range all.Methods {
				require.Equal(t, "vstorage", m.Port)
				total += m.total()
			}
			require.Equal(t, len(c.want), total)
		})
	}
}

func TestACallThatABlockDoesNotHaveGetsTheAnswerOfAnEarlierBlock(t *testing.T) {
	record := endBlock(7, get("a", `"1"`), set("b", "2")) + endBlock(8, get("c", `"3"`))
	all, answers, err := matched(t, record, [][]downcall{
		{get("a", ""), set("b", "2")},
		{get("a", ""), set("x", "9"), get("c", "")},
	}, null)
	require.NoError(t, err)
	require.Equal(t, []string{`"1"`, "null", `"1"`, "null", `"3"`}, answers, "the only answer of vstorage.Set is null")
	require.Len(t, all.Ports, 1)
	require.Equal(t, 4, all.Ports[0].Shown[0].Answered, "a line of the trace")
	require.Contains(t, all.Ports[0].Title(), "block 8, swingset.EndBlock, port vstorage: 2 of 3 downcalls differ")
	require.Contains(t, all.Ports[0].Text(), "answered as line 4 of the trace")
}

func TestAReplayOfAllDifferencesSaysWhyItCannotContinue(t *testing.T) {
	record := endBlock(7, get("a", `"1"`), get("b", `"2"`)) + endBlock(8)
	for name, c := range map[string]struct {
		did    []downcall
		result func(int) (json.RawMessage, error)
		want   string
	}{
		"no answer to a call": {
			[]downcall{{"vbank.GetBalance", `["x"]`, ""}}, null,
			`block 7, swingset.EndBlock: the trace has no answer to vbank.GetBalance "x"`,
		},
		"the kernel fails": {
			[]downcall{get("a", ""), get("b", "")}, func(int) (json.RawMessage, error) { return nil, errors.New("bad") },
			"block 7, swingset.EndBlock: the kernel failed: bad",
		},
	} {
		t.Run(name, func(t *testing.T) {
			all, _, err := matched(t, record, [][]downcall{c.did, {}}, c.result)
			var stopped *stoppedError
			require.ErrorAs(t, err, &stopped)
			require.Equal(t, c.want, stopped.Error())
			require.NotNil(t, all.first)
			require.Equal(t, 1, all.DifferingBlocks)
		})
	}
}

func TestAnotherResponseAndOtherChangesOfTheStoreAreListed(t *testing.T) {
	store := func(changes string) downcall { return downcall{exportData, changes, "true"} }
	record := endBlock(7, store(`[["k","1"],["l","1"],["m"]]`)) + endBlock(8, store(`[["k","1"],["l","1"]]`))
	all, _, err := matched(t, record, [][]downcall{
		{store(`[["n","1"],["l","2"]]`), store(`[["k","1"]]`)},
		{store(`[["l","1"],["k","1"]]`)},
	}, func(block int) (json.RawMessage, error) { return json.RawMessage(fmt.Sprint(block)), nil })
	require.NoError(t, err)
	require.Equal(t, []string{
		`7 swingset changed: kernel's store: ["l","1"] | kernel's store: ["l","2"]`,
		`7 swingset missing: kernel's store: ["m"] | `,
		`7 swingset extra:  | kernel's store: ["n","1"]`,
		"7  changed: null | 1",
		`8 swingset moved: kernel's store: ["k","1"] | kernel's store: ["l","1"]`,
		"8  changed: null | 2",
	}, shownOf(all))
	require.Equal(t, []MethodDifferences{
		{"swingset", exportData, Counts{1, 1, 1, 1}},
		{"", vm.MethodEndBlock, Counts{Changed: 2}},
	}, all.Methods)
}

func TestTheListOfAllDifferencesIsBounded(t *testing.T) {
	var record strings.Builder
	var did [][]downcall
	long := strings.Repeat("x", 2*mostShown)
	for i := range mostPorts + 10 {
		var one, other []downcall
		for k := range mostOfPort + 2 {
			one = append(one, set(fmt.Sprint(k), long+"a"))
			other = append(other, set(fmt.Sprint(k), long+"b"))
		}
		record.WriteString(endBlock(i+1, one...))
		did = append(did, other)
	}
	all, _, err := matched(t, record.String(), did, null)
	require.NoError(t, err)
	require.Len(t, all.Ports, mostPorts)
	require.Equal(t, 10, all.LeftOut)
	require.Len(t, all.Ports[0].Shown, mostOfPort)
	require.Contains(t, all.Ports[0].Text(), "… and 2 more")
	require.Equal(t, (mostPorts+10)*(mostOfPort+2), all.Methods[0].Changed)
	text, err := json.Marshal(all)
	require.NoError(t, err)
	require.Less(t, len(text), mostPorts*mostOfPort*5*mostShown)
}

func TestARecordThatIsCutEndsAReplayOfAllDifferences(t *testing.T) {
	record := endBlock(7, get("a", `"1"`), set("b", "2"))
	lines := strings.SplitAfter(record, "\n")
	for name, c := range map[string]struct {
		lines int
		want  []string
	}{
		"before an answer": {4, []string{`7 vstorage changed: vstorage.Get "a" | vstorage.Get "z"`}},
		"after an answer":  {3, []string{`7 vstorage changed: vstorage.Get "a" | vstorage.Get "z"`}},
	} {
		t.Run(name, func(t *testing.T) {
			all, _, err := matched(t, strings.Join(lines[:c.lines], ""), [][]downcall{{get("z", ""), set("b", "2"), get("c", "")}}, null)
			require.Error(t, err)
			require.Equal(t, c.want, shownOf(all))
		})
	}
}
