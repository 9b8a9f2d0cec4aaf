package swingstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// told is a kernel that responds with a text or an error.
type told struct {
	answer string
	err    error
}

func (k told) Upcall(context.Context, string, any) (json.RawMessage, error) {
	return json.RawMessage(k.answer), k.err
}

// stateAt returns the response of TestPairings' kernel at a height.
func stateAt(height int64) string {
	return fmt.Sprintf(`{"exists":true,"exportData":[["kv.activityhash","ab"]],"height":%d,"time":%d}`, height, 1000+height)
}

func TestPairings(t *testing.T) {
	const absent = `{"exists":false,"exportData":[],"height":0}`
	const empty = `{"exists":true,"exportData":[],"height":0}`
	chain := func(height int64) Pairing { return Pairing{Height: height, First: 1} }
	later := func(restored bool) Pairing { return Pairing{First: 5, Restored: restored} }
	for _, test := range []struct {
		name   string
		chain  Pairing
		kernel string
		want   string // none: they belong together
	}{
		{"one height", chain(7), stateAt(7), ""},
		{"the kernel one ahead", chain(7), stateAt(8), ""},
		{"the kernel one ahead of what CometBFT has", chain(9), stateAt(10), "CometBFT has no block 10 to repeat"},
		{"the kernel two ahead", chain(7), stateAt(9), `"F" is at height 9, the chain's store at height 7: they must be equal`},
		{"the kernel one behind", chain(7), stateAt(6), `"F" is at height 6, the chain's store at height 7`},
		{"the kernel empty", chain(7), empty, `"F" is at height 0, the chain's store at height 7`},
		{"no kernel", chain(7), absent, `no kernel's store at "F", though the chain's store is at height 7`},
		{"another history", chain(7), strings.Replace(stateAt(7), "ab", "cd", 1), `"kv.activityhash" differs in the chain's store`},
		{"another history, one ahead", chain(7), strings.Replace(stateAt(8), "ab", "cd", 1), `"kv.activityhash" differs`},
		{"an entry that the chain has not", chain(7), strings.Replace(stateAt(7), "activityhash", "x", 1), `"kv.x" differs`},
		{"another block, one ahead", chain(7), strings.Replace(stateAt(8), "1008", "1009", 1), "its block 8 was made at 1970-01-01T00:16:49Z, this chain's at 1970-01-01T00:16:48Z"},
		{"no time", chain(7), strings.Replace(stateAt(8), `,"time":1008`, "", 1), ""},
		{"a new chain", chain(0), absent, ""},
		{"a new chain, its boot interrupted", chain(0), empty, ""},
		{"a new chain, its first block committed by the kernel", chain(0), stateAt(1), ""},
		{"a new chain with an old kernel", chain(0), stateAt(8), `"F" is at height 8, but the chain's store has no block`},
		{"a new chain of a later height", later(false), stateAt(5), ""},
		{"a new chain of a later height with an old kernel", later(false), stateAt(4), "at height 4, but"},
		{"a restored kernel before its first block", later(true), stateAt(4), ""},
		{"a restored kernel with its first block", later(true), stateAt(5), ""},
		{"a kernel that would be restored over", later(true), stateAt(3), "at height 3, but"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := test.chain
			p.File = "F"
			p.ExportData = func(key string) (string, bool, error) { return "ab", key == "kv.activityhash", nil }
			p.BlockTime = func(height int64) (time.Time, bool, error) {
				return time.Unix(1000+height, 999), height < 10, nil
			}
			requireError(t, CheckPairing(t.Context(), told{answer: test.kernel}, p), test.want)
		})
	}
}

func TestAKernelsStoreThatCannotBeReadIsRefusedUnlessItIsRestored(t *testing.T) {
	kernel := told{err: &bridge.RemoteError{Message: "file is not a database"}}
	want := `the kernel's store "F" cannot be read: file is not a database: restore the whole home directory from a backup, or reset`
	requireError(t, CheckPairing(t.Context(), kernel, Pairing{File: "F", Height: 7, First: 1, Restored: true}), want)
	requireError(t, CheckPairing(t.Context(), kernel, Pairing{File: "F", First: 1}), want)
	requireError(t, CheckPairing(t.Context(), kernel, Pairing{File: "F", First: 1, Restored: true}), "")
	kernel.err = errors.New("the bridge is closed")
	requireError(t, CheckPairing(t.Context(), kernel, Pairing{First: 1, Restored: true}), "the bridge is closed")
}

// requireError requires an error that contains want; no error if want is empty.
func requireError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Fatalf("got %v, want %q", err, want)
	}
}
