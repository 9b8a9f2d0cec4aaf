package replay

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// callKey identifies a call by its method and the values of its params.
type callKey [sha256.Size]byte

func keyOfCall(method string, params []json.RawMessage) (key callKey) {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n", method)
	for _, param := range params {
		value, err := vm.Marshal(decoded(param))
		if err != nil {
			value = param
		}
		hash.Write(append(value, '\n'))
	}
	hash.Sum(key[:0])
	return key
}

// knownAnswers are answers of the upcalls before, for calls that the trace does
// not have in an upcall.
type knownAnswers struct {
	// calls have the last answer to a call, at most mostKnown with small answers.
	calls map[callKey]knownAnswer
	// methods have the answer to a method if all its calls were answered so.
	methods map[string]*knownAnswer
}

type knownAnswer struct {
	Response
	line int
	// varies: calls of the method were answered in more than one way.
	varies bool
}

const (
	mostKnown      = 10_000
	mostKnownBytes = 4096
)

// learn adds the answer to a recorded call. The key is of its bytes.
func (known *knownAnswers) learn(down *Downcall) {
	if down.Response == nil || len(down.Response.Result) > mostKnownBytes {
		return
	}
	if known.methods == nil {
		known.methods = map[string]*knownAnswer{}
	}
	answer := knownAnswer{Response: *down.Response, line: down.Line}
	if of := known.methods[down.Method]; of == nil {
		known.methods[down.Method] = &answer
	} else if !of.varies {
		of.varies = !equalResponse(of.Response, answer.Response)
	}
	if known.calls == nil || len(known.calls) == mostKnown {
		known.calls = map[callKey]knownAnswer{}
	}
	known.calls[rawKey(down.Method, down.Params)] = answer
}

// rawKey is the key of a call's bytes, which costs less than that of its values.
func rawKey(method string, params []json.RawMessage) callKey {
	return sha256.Sum256([]byte(callText(method, params)))
}

// to returns the answer to a call.
func (known *knownAnswers) to(method string, params []json.RawMessage) (knownAnswer, bool) {
	answer, ok := known.calls[rawKey(method, params)]
	return answer, ok
}

// only returns the answer that all calls of a method had.
func (known *knownAnswers) only(method string) (knownAnswer, bool) {
	if of := known.methods[method]; of != nil && !of.varies {
		return *of, true
	}
	return knownAnswer{}, false
}

// matching matches the downcalls of one upcall with those of the trace, so that
// the kernel can go on after a difference.
type matching struct {
	all   *Differences
	ports map[string]*portMatching
	// stopped is why the kernel could not go on; "" if it can.
	stopped string
}

// portMatching are the downcalls of one port.
type portMatching struct {
	recorded []*Downcall
	// taken are the recorded calls that came, lent those whose answer another call
	// of the same method got.
	taken, lent []bool
	// next follows the last recorded call that came.
	next int
	came []cameCall
	// at are the recorded calls with a key, made at the first difference.
	at map[callKey][]int
}

// cameCall is a downcall that came.
type cameCall struct {
	method, text string
	// of is the recorded call, -1 for none.
	of int
	// answered is the line of the call whose answer it got, 0 for its own.
	answered int
}

// mostCameBytes is the size of a downcall's text that is kept.
const mostCameBytes = 64 << 10

func (all *Differences) match(e *Exchange, queues map[string][]*Downcall) *matching {
	all.begin(e)
	m := &matching{all: all, ports: map[string]*portMatching{}}
	for port, queue := range queues {
		m.ports[port] = &portMatching{recorded: queue, taken: make([]bool, len(queue)), lent: make([]bool, len(queue))}
	}
	return m
}

func (m *matching) port(name string) *portMatching {
	if m.ports[name] == nil {
		m.ports[name] = &portMatching{}
	}
	return m.ports[name]
}

// find returns the recorded call that equals a call: the next one, one after it,
// or one before that has not come. repeated is the last one that has come, or
// -1.
func (p *portMatching) find(method string, params []json.RawMessage) (of, repeated int) {
	if p.next < len(p.recorded) && !p.taken[p.next] {
		if next := p.recorded[p.next]; next.Method == method && equalValues(next.Params, params) {
			return p.next, -1
		}
	}
	if p.at == nil {
		p.at = map[callKey][]int{}
		for i, down := range p.recorded {
			key := keyOfCall(down.Method, down.Params)
			p.at[key] = append(p.at[key], i)
		}
	}
	of, repeated = -1, -1
	for _, i := range p.at[keyOfCall(method, params)] {
		switch {
		case p.taken[i]:
			repeated = i
		case of < p.next: // none after the last one yet
			if of < 0 || i >= p.next {
				of = i
			}
		}
	}
	return of, repeated
}

// exhausted reports whether all recorded calls have come, or another one for
// them.
func (p *portMatching) exhausted() bool {
	for i, down := range p.recorded {
		if !p.taken[i] && !p.lent[i] && down.Response != nil {
			return false
		}
	}
	return true
}

// sameMethod returns the next recorded call of a method that has not come and
// whose answer was not lent, -1 for none.
func (p *portMatching) sameMethod(method string) int {
	for i := p.next; i < len(p.recorded); i++ {
		if !p.taken[i] && !p.lent[i] && p.recorded[i].Method == method && p.recorded[i].Response != nil {
			return i
		}
	}
	return -1
}

// answerMatched is answer for a replay that goes on after a difference. A call
// that the trace does not have at its place gets, of the trace, the first that
// there is: the answer to the same call in this upcall or an earlier one, that to
// the next call of its method, or the only answer that its method has. Otherwise
// the replay stops.
func (now *playing) answerMatched(method string, params []json.RawMessage) (r Response, own *Downcall, ok bool) {
	m := now.matching
	if m.stopped != "" || now.beyond {
		return r, nil, false
	}
	p := m.port(moduleOf(method))
	of, repeated := p.find(method, params)
	if now.Cut && (of < 0 && p.exhausted() || of >= 0 && p.recorded[of].Response == nil) {
		now.beyond = true
		now.differs()
		return r, nil, false
	}
	text := callText(method, params)
	came := cameCall{method: method, text: text[:min(len(text), mostCameBytes)], of: of}
	var answer knownAnswer
	switch {
	case of >= 0 && p.recorded[of].Response == nil:
		m.stopped = fmt.Sprintf("agd did not answer line %d of the trace: %s", p.recorded[of].Line, shortened(text))
	case of >= 0:
		own, ok = p.recorded[of], true
		answer.Response = *own.Response
		p.taken[of], p.next = true, max(p.next, of+1)
	case repeated >= 0:
		answer, ok = knownAnswer{Response: *p.recorded[repeated].Response, line: p.recorded[repeated].Line}, true
	default:
		if answer, ok = m.foreign(p, method, params); !ok {
			m.stopped = "the trace has no answer to " + shortened(text)
		}
	}
	came.answered = answer.line
	p.came = append(p.came, came)
	if !ok {
		now.differs()
	}
	return answer.Response, own, ok
}

// foreign returns the answer to a call that the trace does not have in this
// upcall.
func (m *matching) foreign(p *portMatching, method string, params []json.RawMessage) (knownAnswer, bool) {
	if answer, ok := m.all.answers.to(method, params); ok {
		return answer, true
	}
	if i := p.sameMethod(method); i >= 0 {
		p.lent[i] = true
		return knownAnswer{Response: *p.recorded[i].Response, line: p.recorded[i].Line}, true
	}
	return m.all.answers.only(method)
}

// stoppedError is the error of a replay that cannot go on after a difference.
type stoppedError struct{ reason string }

func (e *stoppedError) Error() string { return e.reason }

// compare compares all of an upcall at its end. The error is that of Play.
func (now *playing) compare(result json.RawMessage, err error) error {
	m := now.matching
	var first *Difference
	came := Response{Result: result}
	var remote *bridge.RemoteError
	if errors.As(err, &remote) {
		came, err = Response{Error: &remote.Message}, nil
	}
	whole := err == nil && m.stopped == "" && !now.beyond
	for _, name := range slices.Sorted(maps.Keys(m.ports)) {
		p := m.ports[name]
		d := m.all.of(now.Exchange, name, whatDowncalls, len(p.recorded))
		p.compare(d, now, whole && !now.Unchecked)
		first = firstOf(first, d.end())
	}
	if whole && !now.Unchecked && !now.Cut {
		d := m.all.of(now.Exchange, moduleOf(exportData), whatStore, len(now.expected))
		compareStore(d, now)
		first = firstOf(first, d.end())
		if !equalResponse(now.Response, came) {
			d := m.all.of(now.Exchange, "", whatResponse, 1)
			d.add(now.Method, Difference{Kind: kindChanged, Line: now.Line, Expected: now.Response.text(), Came: came.text()})
			first = firstOf(first, d.end())
			if came.Error != nil && now.Error == nil {
				m.stopped = "the kernel failed: " + shortened(*came.Error)
			}
		}
	}
	if m.all.first == nil {
		m.all.first = first
	}
	for _, down := range now.Downcalls {
		m.all.answers.learn(down)
	}
	switch {
	case m.stopped != "":
		return &stoppedError{fmt.Sprintf("block %d, %s: %s", now.Height(), now.Method, m.stopped)}
	case now.beyond:
		return ErrBeyond
	}
	return err
}

// compare compares the calls of a port. The calls in the order of both are equal;
// between two of them, calls of one method are pairs in their order. With whole,
// recorded calls after the last of these are missing.
func (p *portMatching) compare(d *differing, now *playing, whole bool) {
	ordered := inOrder(p.came)
	var before []string
	r, c := 0, 0
	for _, at := range append(ordered, len(p.came)) {
		end := len(p.recorded)
		if at < len(p.came) {
			end = p.came[at].of
		} else if !whole {
			end = min(r+len(p.came)-c, end)
		}
		p.gap(d, now, [2]int{r, end}, [2]int{c, at}, whole || at < len(p.came), before)
		if at < len(p.came) {
			before = append(before, p.came[at].text)
			before = before[max(0, len(before)-mostNeighbours):]
		}
		r, c = end+1, at+1
	}
}

// gap compares recorded calls with calls that came, all of which differ.
func (p *portMatching) gap(d *differing, now *playing, recorded, came [2]int, whole bool, before []string) {
	pairs := map[string][]int{}
	for i := recorded[0]; i < recorded[1]; i++ {
		if !p.taken[i] {
			pairs[p.recorded[i].Method] = append(pairs[p.recorded[i].Method], i)
		}
	}
	for _, call := range p.came[came[0]:came[1]] {
		one := Difference{Kind: kindExtra, Line: now.Line, Came: call.text, Before: before, Answered: call.answered}
		if of := pairs[call.method]; call.of >= 0 {
			one.Kind, one.Line = kindMoved, p.recorded[call.of].Line
			one.Expected = call.text
		} else if len(of) > 0 {
			down := p.recorded[of[0]]
			pairs[call.method] = of[1:]
			one.Kind, one.Line, one.Expected = kindChanged, down.Line, callText(down.Method, down.Params)
			if one.Answered == down.Line {
				one.Answered = 0
			}
		}
		d.add(call.method, one)
	}
	if !whole {
		return
	}
	var missing []int
	for _, of := range pairs {
		missing = append(missing, of...)
	}
	slices.Sort(missing)
	for _, i := range missing {
		down := p.recorded[i]
		d.add(down.Method, Difference{Kind: kindMissing, Line: down.Line, Expected: callText(down.Method, down.Params), Before: before})
	}
}

// inOrder returns the calls that came in the trace's order, as many as possible:
// the longest increasing subsequence.
func inOrder(came []cameCall) []int {
	var ends []int // of the best sequence of each length, its last call
	previous := make([]int, len(came))
	for i, call := range came {
		if call.of < 0 {
			continue
		}
		length := sort.Search(len(ends), func(n int) bool { return came[ends[n]].of >= call.of })
		previous[i] = -1
		if length > 0 {
			previous[i] = ends[length-1]
		}
		if length == len(ends) {
			ends = append(ends, i)
		} else {
			ends[length] = i
		}
	}
	ordered := make([]int, len(ends))
	if len(ends) > 0 {
		for i, at := len(ends)-1, ends[len(ends)-1]; i >= 0; i, at = i-1, previous[at] {
			ordered[i] = at
		}
	}
	return ordered
}

// compareStore compares the changes of the kernel's store by their keys, or, if
// these are equal, in their order.
func compareStore(d *differing, now *playing) {
	expected, came := changesByKey(now.expected), changesByKey(now.came)
	keys := map[string]bool{}
	for _, side := range []map[string]json.RawMessage{expected, came} {
		for key := range side {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		a, b := expected[key], came[key]
		one := Difference{Kind: kindChanged, Line: now.Line, Expected: changeText(a), Came: changeText(b)}
		switch {
		case a == nil:
			one.Kind = kindExtra
		case b == nil:
			one.Kind = kindMissing
		case equalValue(a, b):
			continue
		}
		d.add(exportData, one)
	}
	if len(d.Shown) > 0 {
		return
	}
	for i := range max(len(now.expected), len(now.came)) {
		if a, b := at(now.expected, i), at(now.came, i); !equalValue(a, b) {
			d.add(exportData, Difference{Kind: kindMoved, Line: now.Line, Expected: changeText(a), Came: changeText(b)})
			return
		}
	}
}

// changesByKey has the last change of each key.
func changesByKey(changes []json.RawMessage) map[string]json.RawMessage {
	all := make(map[string]json.RawMessage, len(changes))
	for _, change := range changes {
		var entry []json.RawMessage
		key := string(change)
		if json.Unmarshal(change, &entry) == nil && len(entry) > 0 {
			key = string(bytes.TrimSpace(entry[0]))
		}
		all[key] = change
	}
	return all
}
