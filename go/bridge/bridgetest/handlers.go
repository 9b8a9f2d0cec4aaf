package bridgetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

func (s *Suite) echo(_ context.Context, params []bridge.Text) (bridge.Text, error) {
	return params[0], nil
}

func (s *Suite) null(context.Context, []json.RawMessage) (any, error) { return nil, nil }

func (s *Suite) fail(_ context.Context, params []json.RawMessage) (any, error) {
	return nil, errors.New(text(params))
}

func (s *Suite) panic(_ context.Context, params []json.RawMessage) (any, error) { panic(text(params)) }

func (s *Suite) broken(context.Context, []json.RawMessage) (any, error) {
	return json.RawMessage("{"), nil
}

// text returns the first param, which must be a string.
func text(params []json.RawMessage) string {
	var message string
	if err := json.Unmarshal(params[0], &message); err != nil {
		return err.Error()
	}
	return message
}

// note records a notification.
func (s *Suite) note(_ context.Context, params []json.RawMessage) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, string(params[0]))
	return nil, nil
}

// notified returns the raw values that note recorded.
func (s *Suite) notified(context.Context, []json.RawMessage) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.notes...), nil
}

// allFrames returns every frame so far.
func (s *Suite) allFrames(context.Context, []json.RawMessage) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]frame{}, s.frames...), nil
}

func (s *Suite) handleTwice(context.Context, []json.RawMessage) (any, error) {
	<-s.bound
	err := s.bridge.Handle("test.Echo", nil)
	return outcome{Error: err.Error(), Kind: kind(err)}, nil
}

func (s *Suite) close(context.Context, []json.RawMessage) (any, error) {
	<-s.bound
	return nil, s.bridge.Close()
}

// exit ends the process as a crash would: nothing is closed or flushed.
func (s *Suite) exit(context.Context, []json.RawMessage) (any, error) {
	os.Exit(7)
	return nil, nil
}

// hang never responds. With a param, it first notifies the peer.
func (s *Suite) hang(ctx context.Context, params []json.RawMessage) (any, error) {
	if len(params) > 0 {
		<-s.bound
		if err := s.bridge.Notify("js.Note", params[0]); err != nil {
			return nil, err
		}
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *Suite) getBalance(context.Context, []json.RawMessage) (any, error) { return "654321", nil }

func (s *Suite) sendBalances(context.Context, []json.RawMessage) (any, error) {
	<-s.bound
	return nil, s.bridge.Notify("vbank.BalanceUpdate", json.RawMessage(
		`{"nonce":123,"updates":[{"address":"agoric1abc123","denom":"uist","amount":"654321"}]}`))
}

// sendRaw writes its params, one write for each param and repetition.
func (s *Suite) sendRaw(_ context.Context, params []json.RawMessage) (any, error) {
	<-s.bound
	for _, param := range params {
		var chunk struct {
			Base64 []byte // JSON carries bytes in Go as base64
			Times  int
		}
		if err := json.Unmarshal(param, &chunk); err != nil {
			return nil, err
		}
		if err := s.raw(bytes.Repeat(chunk.Base64, chunk.Times)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// sendRawAndExit is sendRaw, followed by the exit of the process.
func (s *Suite) sendRawAndExit(ctx context.Context, params []json.RawMessage) (any, error) {
	if _, err := s.sendRaw(ctx, params); err != nil {
		return nil, err
	}
	return s.exit(ctx, nil)
}

// rawFrames implements raw for a carrier of frames.
func (s *Suite) rawFrames(chunk []byte) error {
	p, ok := s.bridge.(*peer.Peer)
	if !ok {
		return errors.New("the bridge is not a bare peer")
	}
	s.rest = append(s.rest, chunk...)
	for {
		frame, rest, ended := bytes.Cut(s.rest, []byte("\n"))
		if !ended {
			return nil
		}
		s.rest = rest
		if err := p.Carrier().Send(bytes.Clone(frame)); err != nil {
			p.End(err) // as the engine does
			return nil
		}
	}
}

// flood takes [method, payload, file]. It notifies the peer of the payload
// until the bridge refuses, then writes the count and the error to the file, as
// JSON. The file works even if the peer does not read.
func (s *Suite) flood(_ context.Context, params []json.RawMessage) (any, error) {
	<-s.bound
	sent := 0
	for {
		err := s.bridge.Notify(text(params), params[1])
		if err == nil {
			sent++
			continue
		}
		told, _ := json.Marshal(map[string]any{"sent": sent, "error": err.Error(), "kind": kind(err)})
		file := text(params[2:])
		if err := os.WriteFile(file+".part", told, 0o600); err != nil {
			return nil, err
		}
		return nil, os.Rename(file+".part", file)
	}
}

// long calls the peer with a string of the given length in bytes and returns
// the outcome.
func (s *Suite) long(ctx context.Context, params []json.RawMessage) (any, error) {
	var length int
	if err := json.Unmarshal(params[0], &length); err != nil {
		return nil, err
	}
	return s.call(ctx, message{Method: "js.Echo", Params: []string{`"` + strings.Repeat("x", length) + `"`}}), nil
}
