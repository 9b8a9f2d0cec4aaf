// Package contract has what agd and agvm must agree on besides the protocol of
// the bridge: environment variables and notifications.
// agvm's side is packages/agvm/src/contract.ts; packages/bridge/test/contract.ts
// compares both. Exit codes are in
// go/supervisor/exitcode.go and packages/agvm/src/exit-codes.ts.
package contract

// Environment variables that agd sets for agvm.
const (
	// EnvFromAgd and EnvToAgd have the descriptors of the two pipes, EnvMemory
	// that of the shared memory, if there is one (split).
	EnvFromAgd = "AGVM_FROM_AGD"
	EnvToAgd   = "AGVM_TO_AGD"
	EnvMemory  = "AGVM_SHM"
	// EnvLibrary is the path of the library that the VM loads (in-process).
	EnvLibrary = "AGVM_LIBAGD"
	// EnvLimits has Limits as JSON, so that both sides apply the same ones.
	EnvLimits = "AGVM_LIMITS"
	// EnvIgnoreHangup is set if agd was started with SIGHUP ignored, as by
	// nohup. Node resets ignored signals.
	EnvIgnoreHangup = "AGVM_IGNORE_SIGHUP"
	// EnvJail is the path of agd-vm-jail, with which agvm starts its workers.
	EnvJail = "AGVM_JAIL"
)

// VMName is the VM's name in the bridge's errors, as in "from agvm: byte 7".
const VMName = "agvm"

// Notifications.
const (
	// MethodStopVM asks the VM to exit; it precedes the end of the stream.
	MethodStopVM = "agvm.Stop"
	// MethodStopAgd is the VM's: it was asked to stop, by a signal.
	MethodStopAgd = "agd.Stop"
)

// Limits are the value of EnvLimits: the fields of bridge.Limits, with their
// names in JSON.
type Limits struct {
	MaxFrameBytes   int `json:"maxFrameBytes"`
	MaxNesting      int `json:"maxNesting"`
	MaxPendingCalls int `json:"maxPendingCalls"`
	MaxQueuedBytes  int `json:"maxQueuedBytes"`
}
