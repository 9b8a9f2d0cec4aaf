package vm

import (
	"context"
	"encoding/json"
	"fmt"
)

// Upcall makes an upcall that is no block action, with one param. It is not
// waited for by Drain, overlaps with block actions, and is given up when ctx
// is done. It may be called from any goroutine.
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
