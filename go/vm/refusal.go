package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
)

// Refusal is why a downcall is refused. The kernel and its vats read the text,
// so it becomes part of the chain's state: it must be the same on every node
// and in every build. It has no text of another package's errors (those of the
// SDK name its own source files) nor of Go's, which change with versions.
type Refusal struct {
	// Text is what the kernel gets.
	Text string
	// Cause is what lies behind it, for agd's log alone. It may be nil.
	Cause error
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

// Refuse makes a Refusal without a cause.
func Refuse(text string) error { return &Refusal{Text: text} }

// Failure says that agd could not answer a downcall: its handler panicked, or
// failed with an error that is no Refusal. The reason may differ from node to
// node, such as a disk that fails, so no vat may hear of it: the block fails.
type Failure struct {
	Method string
	Cause  error
	// Stack is the goroutine's at a panic, for agd's log alone; else "".
	Stack string
}

// Error implements error.
func (f *Failure) Error() string { return fmt.Sprintf("%s: %s", f.Method, f.Cause) }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// answer runs a downcall. Its error is a Refusal or a Failure.
func answer(method string, call Downcall, ctx context.Context, params []json.RawMessage) (result json.RawMessage, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			result, err = nil, &Failure{Method: method, Cause: fmt.Errorf("panic: %v", thrown), Stack: string(debug.Stack())}
		}
	}()
	result, err = call(ctx, params)
	if refusal := (*Refusal)(nil); err == nil || errors.As(err, &refusal) {
		if refusal != nil {
			err = refusal // without what may be around it
		}
		return result, err
	}
	return nil, &Failure{Method: method, Cause: err}
}

// MaxEcho is how many bytes of what the kernel sent a Refusal repeats.
const MaxEcho = 200

// Echo shortens a text that the kernel sent, for a Refusal.
func Echo(text string) string {
	if len(text) <= MaxEcho {
		return text
	}
	end := MaxEcho
	for end > 0 && text[end]&0xc0 == 0x80 { // not within a character
		end--
	}
	return text[:end] + "…"
}
