package vm

import (
	"context"
	"encoding/json"
	"fmt"
)

// Upcall makes an upcall that is not a block action, with one param. It may
// overlap with block actions, and Drain does not wait for it. It returns when
// ctx is done. It is safe for concurrent use.
func (c *Controller) Upcall(ctx context.Context, method string, param any) (json.RawMessage, error) {
	if c.caller == nil {
		return nil, ErrNoKernel
	}
	raw, err := Marshal(param)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return c.call(ctx, method, raw)
}
