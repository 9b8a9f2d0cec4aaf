package vm

import (
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// report logs once per period that the action still runs: booting Agoric's core
// takes minutes. It returns at the end of the action.
func (r *running) report(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	begin := time.Now()
	ctx := sdk.UnwrapSDKContext(r.ctx)
	for {
		select {
		case <-r.done:
			return
		case <-ticker.C:
			ctx.Logger().Info("the kernel is still at work",
				"action", strings.TrimPrefix(r.method, "swingset."),
				"height", ctx.BlockHeight(),
				"for", time.Since(begin).Round(time.Second).String(),
				"downcalls", r.downcalls.Load())
		}
	}
}
