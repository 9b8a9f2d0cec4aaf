package kernelstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Downcalls returns the store's downcalls.
func (s Store) Downcalls() vm.Downcalls {
	return vm.Downcalls{
		"kernelStore.Get": onKey(func(ctx context.Context, key string) (json.RawMessage, error) {
			return textOrNull(s.Get(ctx, key))
		}),
		"kernelStore.Has": onKey(func(ctx context.Context, key string) (json.RawMessage, error) {
			has, err := s.Has(ctx, key)
			if has {
				return json.RawMessage("true"), err
			}
			return json.RawMessage("false"), err
		}),
		"kernelStore.GetNextKey": onKey(func(ctx context.Context, key string) (json.RawMessage, error) {
			return textOrNull(s.NextKey(ctx, key))
		}),
		"kernelStore.Apply": s.apply,
	}
}

// apply takes any number of changes [key, value] or [key, null].
func (s Store) apply(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
	changes := make([]Change, len(params))
	for i, param := range params {
		var err error
		if changes[i], err = changeOf(param); err != nil {
			return nil, unfit(i, err)
		}
	}
	if err := s.Apply(ctx, changes); err != nil {
		return nil, err
	}
	return json.RawMessage("true"), nil
}

func onKey(answer func(ctx context.Context, key string) (json.RawMessage, error)) vm.Downcall {
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		key, err := parseText(params[0])
		if err != nil {
			return nil, unfit(0, err)
		}
		return answer(ctx, key)
	}
}

// unfit words parseText's error for a param.
func unfit(param int, err error) error {
	if errors.Is(err, errSurrogate) {
		return vm.Refuse(fmt.Sprintf("params[%d]: %s", param, errSurrogate))
	}
	return err
}

// changeOf parses a change whose schema was checked.
func changeOf(param json.RawMessage) (change Change, err error) {
	parts, _ := vm.Elements(param)
	if change.Key, err = parseText(parts[0]); err != nil {
		return change, err
	}
	if string(parts[1]) == "null" {
		return change, nil
	}
	value, err := parseText(parts[1])
	change.Value = &value
	return change, err
}

func textOrNull(text string, found bool, err error) (json.RawMessage, error) {
	if err != nil {
		return nil, err
	}
	if !found {
		return json.RawMessage("null"), nil
	}
	return textOf(text), nil
}
