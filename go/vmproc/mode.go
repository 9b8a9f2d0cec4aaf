package vmproc

import "github.com/agd-bridge/agd-bridge/go/options"

// Mode is where the kernel runs.
type Mode string

const (
	ModeInProcess Mode = "in-process"
	ModeSplit     Mode = "split"
)

// modeOf is the mode that the options choose.
func modeOf(opts options.Options) Mode {
	if opts.Split {
		return ModeSplit
	}
	return ModeInProcess
}
