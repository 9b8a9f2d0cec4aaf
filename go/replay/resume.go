package replay

import (
	"encoding/json"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// resumption continues a trace with a kernel's store of a later block than the
// record's start. The record's Init is played as a node plays it that starts at
// that block, as the first part of its BeginBlock.
type resumption struct {
	init *Exchange
	// from is the first block that is played.
	from int64
}

// skips reports whether an exchange precedes the first block that is played. The
// error is a trace that does not have that block's beginning.
func (r *resumption) skips(e *Exchange) (bool, error) {
	at := e.Height()
	begins := e.Method == vm.MethodBeginBlock
	if at < r.from {
		return true, nil
	}
	if at == r.from && begins {
		return false, nil
	}
	least := at
	if begins {
		least--
	}
	return false, fmt.Errorf("the kernel's store is at block %d, and the trace has no beginning of block %d: after it comes %s of block %d, line %d: name a home directory of block %d or later with --home",
		r.from-1, r.from, e.Method, at, e.Line, least)
}

// atStart returns the params of Init for a start at the first block.
func (r *resumption) atStart(first *Exchange) ([]json.RawMessage, error) {
	var action, block map[string]json.RawMessage
	for params, into := range map[*Exchange]*map[string]json.RawMessage{r.init: &action, first: &block} {
		if len(params.Params) == 0 {
			return nil, fmt.Errorf("line %d of the trace: %s has no params", params.Line, params.Method)
		}
		if err := json.Unmarshal(params.Params[0], into); err != nil {
			return nil, fmt.Errorf("line %d of the trace: %w", params.Line, err)
		}
	}
	for _, name := range []string{"blockHeight", "blockTime", "params"} {
		action[name] = block[name]
	}
	action["isBootstrap"] = json.RawMessage("false")
	delete(action, "upgradeDetails")
	param, err := vm.Marshal(action)
	return []json.RawMessage{param}, err
}
