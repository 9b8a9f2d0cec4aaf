package bridgetest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
)

func (s *Suite) echo(_ context.Context, params []json.RawMessage) (any, error) { return params[0], nil }

func (s *Suite) null(context.Context, []json.RawMessage) (any, error) { return nil, nil }

func (s *Suite) fail(_ context.Context, params []json.RawMessage) (any, error) {
	return nil, errors.New(text(params))
}

func (s *Suite) panic(_ context.Context, params []json.RawMessage) (any, error) { panic(text(params)) }

func (s *Suite) broken(context.Context, []json.RawMessage) (any, error) {
	return json.RawMessage("{"), nil
}

// text returns the first param, a string.
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

// hang never answers.
func (s *Suite) hang(ctx context.Context, _ []json.RawMessage) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *Suite) getBalance(context.Context, []json.RawMessage) (any, error) { return "654321", nil }

func (s *Suite) sendBalances(context.Context, []json.RawMessage) (any, error) {
	<-s.bound
	return nil, s.bridge.Notify("vbank.BalanceUpdate", json.RawMessage(
		`{"nonce":123,"updates":[{"address":"agoric1abc123","denom":"uist","amount":"654321"}]}`))
}
