package trace

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// Redactor is a Sink that writes a trace without its texts: each string in
// params, results, errors and options becomes a token, and so does each name of
// a member that is no plain name. Times, directions, ids, methods, numbers,
// booleans and the structure remain. Equal texts become equal tokens, so two
// traces that were redacted with the same key can be compared. For one goroutine.
type Redactor struct {
	// Key makes tokens that cannot be guessed without it.
	Key []byte
	// Where names a line for remarks, and Note receives them.
	Where func(line int) string
	Note  func(text string)

	out     io.Writer
	reader  Reader
	written int
}

var _ Sink = (*Redactor)(nil)

// Redact writes a trace through a Redactor, compressed if asked for.
func Redact(out io.Writer, input io.Reader, r Redactor, compress bool) error {
	buffered := bufio.NewWriterSize(out, 1<<20)
	r.out = buffered
	end := buffered.Flush
	if compress {
		encoder, err := newEncoder(buffered)
		if err != nil {
			return err
		}
		r.out = encoder
		end = func() error { return errors.Join(encoder.Close(), buffered.Flush()) }
	}
	err := ReadAll(input, &r)
	if err == nil && r.written == 0 {
		err = fmt.Errorf("%s: no line is one of a trace: there is nothing to redact", r.Where(1))
	}
	return errors.Join(err, end())
}

// plainName are the names of members that remain. An account's address and the
// name of a coin of another chain are longer.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,31}$`)

// Line implements Sink.
func (r *Redactor) Line(text []byte, complete bool, err error) error {
	var e Entry
	if err != nil {
		e.Line = r.reader.Skip()
	} else {
		e, err = r.reader.Read(text)
	}
	switch version := (*VersionError)(nil); {
	case errors.As(err, &version):
		return fmt.Errorf("%s: %w", r.Where(e.Line), err)
	case err != nil && !complete:
		r.Note(r.Where(e.Line) + ": left out: the trace ends in the middle of a line")
		return nil
	case err != nil:
		r.Note(fmt.Sprintf("%s: left out: %v", r.Where(e.Line), err))
		return nil
	}
	if r.written++; r.written == 1 && e.Kind != Heading {
		if err := r.put(e, Line{Head: r.head(&Head{})}); err != nil {
			return err
		}
	}
	if e.Kind == Heading {
		return r.put(e, Line{Head: r.head(e.Head)})
	}
	return r.put(e, Line{From: e.From, Frame: r.frame(e)})
}

func (r *Redactor) put(e Entry, line Line) error {
	line.Time = e.Time.UTC().Format(time.RFC3339Nano)
	_, err := r.out.Write(append(encoded(line), '\n'))
	return err
}

// head redacts a head and says so in it.
func (r *Redactor) head(head *Head) json.RawMessage {
	head.Trace, head.Redacted = FormatVersion, true
	for name, value := range head.Options {
		head.Options[name] = r.value(value)
	}
	head.Reason = r.token(head.Reason)
	return encoded(head)
}

// Restarted implements Sink.
func (r *Redactor) Restarted() error { return nil }

// Idle implements Sink.
func (r *Redactor) Idle() error { return nil }

// frame redacts a frame. One that breaks the protocol becomes a token. The
// handshake, with the versions of both sides, remains.
func (r *Redactor) frame(e Entry) json.RawMessage {
	var value any
	if e.Kind != Broken {
		value = e.Text
	}
	if e.Kind != Broken && e.Method != bridge.HandshakeMethod {
		value = r.raw(e.Text)
	}
	switch e.Kind {
	case Call, Notify:
		return encoded(struct {
			ID     *uint64 `json:"id"`
			Method string  `json:"method"`
			Params any     `json:"params"`
		}{e.ID, e.Method, value})
	case Answer, Failure:
		response := struct {
			ID     *uint64 `json:"id"`
			Result any     `json:"result"`
			Error  any     `json:"error"`
		}{ID: e.ID}
		if e.Kind == Answer {
			response.Result = value
		} else {
			response.Error = value
		}
		return encoded(response)
	default:
		return encoded(r.token(string(e.Text)))
	}
}

func (r *Redactor) raw(text json.RawMessage) any {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return r.token(string(text))
	}
	return r.value(value)
}

func (r *Redactor) value(value any) any {
	switch v := value.(type) {
	case string:
		return r.token(v)
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
	case map[string]any:
		members := make(map[string]any, len(v))
		for name, member := range v {
			if !plainName.MatchString(name) {
				name = r.token(name)
			}
			members[name] = r.value(member)
		}
		return members
	}
	return value
}

// token returns what takes the place of a text.
func (r *Redactor) token(text string) string {
	if text == "" {
		return ""
	}
	mac := hmac.New(sha256.New, r.Key)
	_, _ = io.WriteString(mac, text)
	return "redacted:" + hex.EncodeToString(mac.Sum(nil)[:8])
}

// encoded is a value as JSON, with <, > and & as they are.
func encoded(value any) json.RawMessage {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}
