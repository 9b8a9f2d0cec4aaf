package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/internal/counters/counterstest"
)

func TestTheKernelsPartOfABlockIsMeasured(t *testing.T) {
	c := newTestChain(t, nil)
	read := counterstest.Start(t)
	c.block()
	for _, step := range []string{"begin_blocker", "end_blocker", "commit_blocker"} {
		require.Contains(t, read(), "\n"+step+"_count{module=\"swingset\"} 1\n")
	}
}
