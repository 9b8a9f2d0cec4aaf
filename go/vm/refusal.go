package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
)

// Refusal is an expected error of a downcall. The kernel and its vats read the
// text, so it becomes part of the chain's state and must be the same on every
// node and in every build. It contains no text of other packages' errors (the
// SDK's name its source files) nor of Go's, which change with versions.
type Refusal struct {
	// Text is the error message that the kernel gets.
	Text string
	// Cause is the underlying error, for agd's log only. May be nil.
	Cause error
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Cause }

// Refuse returns a Refusal without a cause.
func Refuse(text string) error { return &Refusal{Text: text} }

// Failure means that agd could not serve a downcall: its handler panicked, or
// failed with an error that is not a Refusal. The cause may differ from node to
// node, such as a disk error, so no vat may see it: the block fails.
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
			err = refusal // without the errors that wrap it
		}
		return result, err
	}
	return nil, &Failure{Method: method, Cause: err}
}

// MaxEcho is the maximum number of bytes of the kernel's text that a Refusal
// repeats.
const MaxEcho = 200

// Echo shortens a text from the kernel, for a Refusal.
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
