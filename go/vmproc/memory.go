package vmproc

import (
	"errors"
	"fmt"

	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// memoryOf returns whether the VM is offered shared memory.
func memoryOf(transport string) (split.Memory, error) {
	switch transport {
	case options.TransportAuto:
		return split.MemoryAuto, nil
	case options.TransportPipe:
		return split.MemoryNone, nil
	case options.TransportShm:
		return split.MemoryRequired, nil
	}
	return 0, fmt.Errorf("--%s: expected %s, %s or %s, got %q", options.FlagSplitTransport, options.TransportAuto, options.TransportPipe, options.TransportShm, transport)
}

// memoryError adds what to do to the error of a system that cannot make the
// shared memory that is required.
func memoryError(err error) error {
	var memory *split.MemoryError
	if !errors.As(err, &memory) {
		return err
	}
	return fmt.Errorf("--%s=%s: %w; %s uses pipes then", options.FlagSplitTransport, options.TransportShm, memory, options.TransportAuto)
}
