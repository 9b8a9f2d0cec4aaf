package replay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Difference is the first thing that the kernel, or the chain, did in another
// way than in the trace. It is an error.
type Difference struct {
	// Height is the block, and Method the upcall.
	Height int64  `json:"height"`
	Method string `json:"method"`
	// Line is the line of the trace that has what was expected, or that of the
	// upcall if nothing was.
	Line int `json:"line"`
	// Expected is the recorded call or response, and Came what came instead;
	// "" if there is none.
	Expected string `json:"expected"`
	Came     string `json:"came"`
	// Before are the downcalls of the same module that came before and were
	// equal, the last one last, at most mostNeighbours.
	Before []string `json:"before"`
	// Kind is, in a list of all: "changed", "missing", "extra" or "moved".
	Kind string `json:"kind,omitempty"`
	// Answered is, in a list of all, the line of the recorded call whose answer the
	// kernel got; 0 for that of the expected call.
	Answered int `json:"answered,omitempty"`
	// title is the first line of Error; "" for that of a kernel.
	title string
}

// mostNeighbours is the number of downcalls that a Difference shows.
const mostNeighbours = 3

// Error describes the difference in some lines.
func (d *Difference) Error() string {
	var text strings.Builder
	title := fmt.Sprintf("block %d, %s: the kernel does not do what line %d of the trace says", d.Height, d.Method, d.Line)
	text.WriteString(cmp.Or(d.title, title) + "\n")
	for _, before := range d.Before {
		fmt.Fprintf(&text, "  equal    %s\n", shortened(before))
	}
	expected, came := around(d.Expected, d.Came)
	fmt.Fprintf(&text, "  expected %s\n  came     %s", orNothing(expected), orNothing(came))
	return text.String()
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// mostShown is the number of bytes of a value that a Difference shows.
const mostShown = 400

func shortened(text string) string {
	if len(text) <= mostShown {
		return text
	}
	return strings.ToValidUTF8(text[:mostShown], "") + "…"
}

// around shortens two texts to where they begin to differ.
func around(a, b string) (string, string) {
	if a == b {
		return shortened(a), shortened(b)
	}
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	from := max(0, same-mostShown/2)
	cut := func(text string) string {
		if from == 0 || text == "" {
			return shortened(text)
		}
		return "…" + shortened(strings.ToValidUTF8(text[min(from, len(text)):], ""))
	}
	return cut(a), cut(b)
}

// callText is a call as people read it.
func callText(method string, params []json.RawMessage) string {
	return method + " " + string(bytes.Join(rawBytes(params), []byte(", ")))
}

func rawBytes(values []json.RawMessage) [][]byte {
	all := make([][]byte, len(values))
	for i, value := range values {
		all[i] = value
	}
	return all
}

func (r Response) text() string {
	if r.Error != nil {
		return "error: " + *r.Error
	}
	return string(r.Result)
}

// equalValues reports whether two lists have equal JSON values: the order of
// members and the space between them do not count.
func equalValues(a, b []json.RawMessage) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equalValue(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalValue(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	return reflect.DeepEqual(decoded(a), decoded(b))
}

// decoded is a value whose numbers keep their text; the text itself if it is no
// JSON.
func decoded(text json.RawMessage) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return string(text)
	}
	return value
}

func equalResponse(a, b Response) bool {
	if a.Error != nil || b.Error != nil {
		return a.Error != nil && b.Error != nil && *a.Error == *b.Error
	}
	return equalValue(a.Result, b.Result)
}
