// Package typed converts between Go values and the JSON texts that a bridge
// carries. Its twin in TypeScript is TypedBridge of packages/bridge.
package typed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// Call calls a method of the peer and returns its result as an R. It returns an
// error if a param cannot be encoded, or if the result has a member that R does
// not have.
func Call[R any](ctx context.Context, b bridge.Caller, method string, params ...any) (R, error) {
	var result R
	texts := make([]bridge.Text, len(params))
	for i, param := range params {
		text, err := bridge.Marshal(param)
		if err != nil {
			return result, fmt.Errorf("%s: params[%d]: %w", method, i, err)
		}
		texts[i] = text
	}
	text, err := bridge.CallText(ctx, b, method, texts...)
	if err != nil {
		return result, err
	}
	if err := decode(text.Raw(), &result); err != nil {
		return result, fmt.Errorf("%s: result: %w", method, err)
	}
	return result, nil
}

// Handler returns the handler of a method that takes one param, a P, and returns
// an R. A param with a member that P does not have is an error.
func Handler[P, R any](method string, handle func(ctx context.Context, param P) (R, error)) bridge.Handler {
	return bridge.TextHandler(func(ctx context.Context, params []bridge.Text) (bridge.Text, error) {
		if len(params) != 1 {
			return bridge.Text{}, fmt.Errorf("%s: params: expected 1, got %d", method, len(params))
		}
		var param P
		if err := decode(params[0].Raw(), &param); err != nil {
			return bridge.Text{}, fmt.Errorf("%s: params[0]: %w", method, err)
		}
		result, err := handle(ctx, param)
		if err != nil {
			return bridge.Text{}, err
		}
		return bridge.Marshal(result)
	}).Handler()
}

func decode(text json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
