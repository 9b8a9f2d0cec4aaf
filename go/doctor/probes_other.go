//go:build !linux

package doctor

import (
	"errors"
	"math"
)

// These systems run no node (System), so their probes find nothing out.

func diskOf(string) (diskFacts, error) { return diskFacts{}, errors.ErrUnsupported }

func limitsOfProcess() limitFacts {
	return limitFacts{files: math.MaxUint64, processes: math.MaxUint64, fileSize: math.MaxUint64, addressSpace: math.MaxUint64}
}

func kernelClock() clockFacts { return clockFacts{err: errors.ErrUnsupported} }

func tryMemory() error { return errors.ErrUnsupported }
