package cli

import (
	"encoding/json"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// The contract between agd and agvm besides the protocol: the environment
// variables that agd sets for agvm, and the VM's notification. The descriptors
// and agvm.Stop are in go/supervisor; agvm's side is packages/agvm/src/modes.ts.
// packages/bridge/test/contract.ts compares both.

// methodStop is the VM's notification that it was asked to stop, by a signal.
const methodStop = "agd.Stop"

// envLibrary is set in-process: the path of the library that the VM loads
// (packages/agvm/src/main.ts).
const envLibrary = "AGVM_LIBAGD"

// EnvIgnoreHangup is set if agd was started with SIGHUP ignored, as by nohup.
// Node resets ignored signals (packages/agvm/src/modes.ts).
const EnvIgnoreHangup = "AGVM_IGNORE_SIGHUP"

// envLimits holds the limits of the bridge as JSON, so that both sides apply the
// same ones (packages/agvm/src/modes.ts).
const envLimits = "AGVM_LIMITS"

// limitsEnv returns envLimits with its value, as in os.Environ.
func limitsEnv(l bridge.Limits) (string, error) {
	text, err := json.Marshal(map[string]int{
		"maxFrameBytes":   l.MaxFrameBytes,
		"maxNesting":      l.MaxNesting,
		"maxPendingCalls": l.MaxPendingCalls,
		"maxQueuedBytes":  l.MaxQueuedBytes,
	})
	return envLimits + "=" + string(text), err
}

// envJail names agd-vm-jail for agvm, which starts its workers with it
// (packages/agvm/src/workers.ts).
const envJail = "AGVM_JAIL"
