package bridge

import (
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/agd-bridge/agd-bridge/go/bridge/internal/checked"
)

// Text is one JSON value as text, known to be valid: a bridge sends it without
// reading it once more, which pays for long texts. It is immutable. Marshal
// makes one, CallText returns one, and a TextHandler gets them.
type Text = checked.Text

// Marshal returns the text of a value, as json.Marshal writes it.
func Marshal(value any) (Text, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return Text{}, err
	}
	// A json.Marshaler may write anything in its strings.
	if !utf8.Valid(raw) {
		return Text{}, errors.New("the value's own MarshalJSON writes invalid UTF-8")
	}
	depth := len(raw) / 2
	if depth > fewLevels {
		depth = depthOf(reflect.TypeOf(value), nil)
	}
	return checked.Trust(raw, depth), nil
}

// fewLevels is a depth that every limit allows.
const fewLevels = 32

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	depths        sync.Map // from reflect.Type to int
)

// depthOf returns the most levels of arrays and objects that encoding/json
// writes for a type; checked.Unknown if its values decide. outer are the types
// that contain it.
func depthOf(t reflect.Type, outer []reflect.Type) int {
	if t == nil {
		return 0
	}
	if slices.Contains(outer, t) {
		return checked.Unknown
	}
	if known, ok := depths.Load(t); ok {
		return known.(int)
	}
	depth := newDepthOf(t, append(outer, t))
	depths.Store(t, depth)
	return depth
}

func newDepthOf(t reflect.Type, outer []reflect.Type) int {
	switch pointer := reflect.PointerTo(t); {
	case t.Implements(jsonMarshaler) || pointer.Implements(jsonMarshaler):
		return checked.Unknown
	case t.Implements(textMarshaler):
		return 0
	case pointer.Implements(textMarshaler):
		return checked.Unknown // depends on whether the value has an address
	}
	switch t.Kind() {
	case reflect.Pointer:
		return depthOf(t.Elem(), outer)
	case reflect.Slice, reflect.Array, reflect.Map:
		return deeper(depthOf(t.Elem(), outer))
	case reflect.Struct:
		depth := 0
		for i := range t.NumField() {
			depth = max(depth, depthOf(t.Field(i).Type, outer))
		}
		return deeper(depth)
	case reflect.Interface:
		return checked.Unknown
	default:
		return 0
	}
}

func deeper(depth int) int {
	if depth == checked.Unknown {
		return depth
	}
	return depth + 1
}

// TextCaller is a Caller that takes and returns texts. The bridges of this
// module are.
type TextCaller interface {
	CallText(ctx context.Context, method string, params ...Text) (Text, error)
}

// CallText is Call with texts. A Caller that is no TextCaller checks them once
// more.
func CallText(ctx context.Context, c Caller, method string, params ...Text) (Text, error) {
	if c, ok := c.(TextCaller); ok {
		return c.CallText(ctx, method, params...)
	}
	raws := make([]json.RawMessage, len(params))
	for i, param := range params {
		raws[i] = param.Raw()
	}
	result, err := c.Call(ctx, method, raws...)
	return checked.Trust(result, checked.Unknown), err
}

// TextHandler is a Handler of texts.
type TextHandler func(ctx context.Context, params []Text) (Text, error)

// Handler returns h for Bridge.Handle and Options.Handlers. Others may wrap it:
// the bridge checks a result that is not the one of h.
func (h TextHandler) Handler() Handler {
	return func(ctx context.Context, params []json.RawMessage) (json.RawMessage, error) {
		turn, _ := ctx.Value(checked.TurnKey{}).(*checked.Turn)
		result, err := h(ctx, turn.Texts(params))
		if err != nil {
			return nil, err
		}
		if turn != nil {
			turn.Result = result
		}
		return result.Raw(), nil
	}
}
