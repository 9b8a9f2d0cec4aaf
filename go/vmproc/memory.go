package vmproc

import (
	"fmt"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/bridge/shm"
	"github.com/agd-bridge/agd-bridge/go/options"
)

// sharedMemory creates the region that agd offers the VM; nil: only the pipes.
func sharedMemory(transport string, logger log.Logger) (*shm.Memory, error) {
	switch transport {
	case options.TransportPipe:
		return nil, nil
	case options.TransportAuto, options.TransportShm:
	default:
		return nil, fmt.Errorf("--%s: expected %s, %s or %s, got %q", options.FlagSplitTransport, options.TransportAuto, options.TransportPipe, options.TransportShm, transport)
	}
	memory, err := shm.New()
	switch {
	case err == nil:
		return memory, nil
	case transport == options.TransportShm:
		return nil, fmt.Errorf("--%s=%s: %w; %s uses pipes then", options.FlagSplitTransport, options.TransportShm, err, options.TransportAuto)
	default:
		// For example, a limit on file size also applies to shared memory.
		logger.Warn("the frames go through the pipes", "reason", err.Error())
		return nil, nil
	}
}
