// Package bridgetest is the Go half of the conformance cases
// (test/conformance): the same handlers for every backend. A case that sends
// invalid JSON passes the raw values inside JSON strings.
package bridgetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// Software is the name and version of the test peer in the handshake.
const Software = "bridgepeer 0.1.0"

// Exclusive is the method that stands for a blocking block action.
const Exclusive = "test.Block"

// Config configures the Go side for one case.
type Config struct {
	// Limits bound the bridge; a zero field means its default.
	Limits bridge.Limits
	// Untraced turns the recording of frames off, for measurements. test.Start
	// and test.Frames need the recording.
	Untraced bool
}

// Suite holds what the handlers of one bridge record.
type Suite struct {
	config Config
	// raw sends bytes past the engine.
	raw func(bytes []byte) error
	// rest is the incomplete frame that rawFrames has so far.
	rest []byte
	// report writes one line to standard output.
	report func(line string)
	bound  chan struct{}
	bridge bridge.Bridge

	mu     sync.Mutex
	notes  []string
	frames []frame
	calls  int // made by start
	// lost counts, by text, the outcomes of calls that could not be sent to
	// JavaScript.
	lost   map[string]int
	ending sync.WaitGroup // of start's calls
	// sent counts the outbound frames; changed is signalled on each.
	sent    int
	changed *sync.Cond
}

// frame is one frame as the trace hook saw it.
type frame struct {
	Direction bridge.Direction `json:"direction"`
	Frame     string           `json:"frame"`
}

// message is a message to send.
type message struct {
	Method string `json:"method"`
	// Params are raw values.
	Params []string `json:"params"`
	// Notify sends a notification instead of a request.
	Notify bool `json:"notify"`
	// Times is how often to send the message; 0 means once.
	Times int `json:"times"`
	// Cancel cancels the call as soon as it has been sent.
	Cancel bool `json:"cancel"`
}

// outcome is the outcome of a call, for JavaScript to check.
type outcome struct {
	// Call numbers the calls of start, from 1.
	Call   int             `json:"call,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	Kind   string          `json:"kind,omitempty"`
}

// New returns the suite of one bridge. raw writes bytes to the carrier, past
// the engine; nil means frame by frame, without newlines. report receives, line
// by line, what the Go side can report only after the bridge has closed.
func New(config Config, raw func(bytes []byte) error, report func(line string)) *Suite {
	s := &Suite{config: config, raw: raw, report: report, bound: make(chan struct{}), lost: map[string]int{}}
	if raw == nil {
		s.raw = s.rawFrames
	}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// Options returns the bridge's options: the handlers and the trace hook.
func (s *Suite) Options() bridge.Options {
	handlers := map[string]bridge.Handler{"test.Echo": bridge.TextHandler(s.echo).Handler()}
	for method, handler := range map[string]func(ctx context.Context, params []json.RawMessage) (any, error){
		"test.Null":         s.null,
		"test.Fail":         s.fail,
		"test.Panic":        s.panic,
		"test.Broken":       s.broken,
		"test.Upcall":       s.upcall,
		"test.Start":        s.start,
		"test.Note":         s.note,
		"test.Notified":     s.notified,
		"test.Frames":       s.allFrames,
		"test.HandleTwice":  s.handleTwice,
		"test.Close":        s.close,
		"test.Exit":         s.exit,
		"test.Hang":         s.hang,
		"vbank.GetBalance":  s.getBalance,
		"test.SendBalances": s.sendBalances,
		"test.Raw":          s.sendRaw,
		"test.RawExit":      s.sendRawAndExit,
		"test.Flood":        s.flood,
		"test.Long":         s.long,
		"test.Memory":       s.memory,
		"test.Time":         s.time,
	} {
		handlers[method] = marshalled(handler)
	}
	options := bridge.Options{Limits: s.config.Limits, Handlers: handlers, PeerName: "node", Exclusive: []string{Exclusive}}
	if !s.config.Untraced {
		options.Trace = s.trace
	}
	return options
}

// Run binds the suite to its bridge and makes the handshake. It reports the
// reason and returns when the bridge has closed.
func (s *Suite) Run(ctx context.Context, b bridge.Bridge) error {
	s.bridge = b
	close(s.bound)
	_, err := bridge.Handshake(ctx, b, Software)
	<-b.Closed()
	s.ending.Wait()
	for text, times := range s.lost {
		if times > 1 {
			text += fmt.Sprintf(" (%d times)", times)
		}
		s.report("go lost: " + text)
	}
	s.report("go closed: " + outcome{Error: b.Err().Error(), Kind: kind(b.Err())}.text())
	return err
}

func (o outcome) text() string { return o.Kind + ": " + o.Error }

func marshalled(h func(context.Context, []json.RawMessage) (any, error)) bridge.Handler {
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		result, err := h(ctx, params)
		if err != nil || result == nil {
			return nil, err
		}
		if raw, ok := result.(json.RawMessage); ok {
			return raw, nil
		}
		return marshal(result)
	}
}

// marshal is json.Marshal, but leaves raw values as they are.
func marshal(value any) (json.RawMessage, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

func (s *Suite) trace(d bridge.Direction, text []byte) {
	// Cases with large payloads or many calls do not check frames.
	const longest, most = 64 << 10, 10_000
	s.mu.Lock()
	defer s.mu.Unlock()
	if d == bridge.Out {
		s.sent++
		s.changed.Broadcast()
	}
	if len(text) > longest || len(s.frames) >= most {
		return
	}
	s.frames = append(s.frames, frame{d, string(text)})
}

// upcall calls JavaScript from inside a handler and returns the outcome.
func (s *Suite) upcall(ctx context.Context, params []json.RawMessage) (any, error) {
	var m message
	if err := json.Unmarshal(params[0], &m); err != nil {
		return nil, err
	}
	return s.call(ctx, m), nil
}

func (s *Suite) call(ctx context.Context, m message) outcome {
	<-s.bound
	result, err := s.bridge.Call(ctx, m.Method, m.raw()...)
	if err != nil {
		return outcome{Error: err.Error(), Kind: kind(err)}
	}
	return outcome{Result: result}
}

func (m message) raw() []json.RawMessage {
	params := make([]json.RawMessage, len(m.Params))
	for i, param := range m.Params {
		params[i] = json.RawMessage(param)
	}
	return params
}

func kind(err error) string {
	var (
		remote   *bridge.RemoteError
		protocol *bridge.ProtocolError
		closed   *bridge.ClosedError
		local    *bridge.LocalError
	)
	switch {
	case errors.As(err, &remote):
		return "remote"
	case errors.As(err, &protocol):
		return "protocol"
	case errors.As(err, &closed):
		return "closed"
	case errors.As(err, &local):
		return "local"
	case errors.Is(err, context.Canceled):
		return "canceled"
	default:
		return fmt.Sprintf("%T", err)
	}
}

// start sends messages in order and does not wait for responses.
func (s *Suite) start(_ context.Context, params []json.RawMessage) (any, error) {
	<-s.bound
	var messages []message
	if err := json.Unmarshal(params[0], &messages); err != nil {
		return nil, err
	}
	for _, m := range messages {
		for range max(m.Times, 1) {
			if err := s.send(m); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

// send sends one message and returns once it has been handed to the carrier.
// The notification test.Outcome reports the outcome of a call.
func (s *Suite) send(m message) error {
	if m.Notify {
		return s.bridge.Notify(m.Method, m.raw()...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	number, before, ended := s.calls, s.sent, false
	// The call comes from outside any handler, as block actions do.
	ctx, cancel := context.WithCancel(context.Background())
	s.ending.Go(func() {
		defer cancel()
		o := s.call(ctx, m)
		o.Call = number
		s.mu.Lock()
		ended = true
		s.changed.Broadcast()
		s.mu.Unlock()
		told, err := marshal(o)
		if err == nil {
			err = s.bridge.Notify("test.Outcome", told)
		}
		if err != nil {
			s.mu.Lock()
			s.lost[o.text()]++
			s.mu.Unlock()
		}
	})
	for s.sent == before && !ended {
		s.changed.Wait()
	}
	if m.Cancel {
		cancel()
	}
	return nil
}
