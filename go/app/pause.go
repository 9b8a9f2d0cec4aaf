package app

// Point is a moment around a block's execution and its two commits at which
// tests pause a node, to kill it there.
type Point string

// The points, in the order in which a block passes them.
const (
	// AtInit: the kernel has booted on the genesis; nothing is committed.
	AtInit           Point = "init"
	BeforeEndBlock   Point = "before-end-block"
	AfterEndBlock    Point = "after-end-block"
	BeforeCommit     Point = "before-commit-block"
	AfterCommitBlock Point = "after-commit-block"
	// AfterChainCommit: both stores have the block; the kernel has not been
	// notified.
	AfterChainCommit Point = "after-chain-commit"
	// AfterAfterCommit: CometBFT has not saved its own state yet.
	AfterAfterCommit Point = "after-after-commit"
)

// Points are all points, in the order in which a block passes them.
var Points = []Point{
	AtInit, BeforeEndBlock, AfterEndBlock, BeforeCommit, AfterCommitBlock, AfterChainCommit, AfterAfterCommit,
}

// Pause is called at each point, from consensus' goroutine, with the block's
// height. The block continues when it returns.
type Pause func(at Point, height int64)

// noPause is the Pause outside tests.
func noPause(Point, int64) {}
