package cli

import (
	"encoding/json"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// What agd and agvm agree on beside the protocol: the variables by which agd
// tells agvm how it was started, and the VM's notification. The rest is in
// go/supervisor (descriptors, agvm.Stop) and packages/agvm.

// methodStop is the VM's notification that it was asked to stop, by a signal.
const methodStop = "agd.Stop"

// envLibrary tells the VM that it hosts agd as a library, and which. Its value
// is the library's path (packages/agvm/src/main.ts).
const envLibrary = "AGVM_LIBAGD"

// EnvIgnoreHangup, if it is set, tells the VM that agd was started with SIGHUP
// ignored, as nohup does: Node forgets that (packages/agvm/src/modes.ts).
const EnvIgnoreHangup = "AGVM_IGNORE_SIGHUP"

// envLimits tells the VM the limits of the bridge, as JSON, so that both sides
// have the same (packages/agvm/src/modes.ts).
const envLimits = "AGVM_LIMITS"

// limitsEnv is the variable that tells the VM.
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
