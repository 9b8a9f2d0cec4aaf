package vmproc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// record begins the recordings that the options ask for.
func (l Launcher) record() error {
	if bytes := l.Options.FlightRecorderBytes; bytes > 0 && l.SlowCall != nil {
		l.Tracer.Keep(trace.NewRecorder(bytes))
	}
	if path := l.Options.BridgeTrace; path != "" {
		if err := l.Tracer.Open(path, l.Options.BridgeTraceMaxBytes); err != nil {
			return fmt.Errorf("--%s: %w", options.FlagBridgeTrace, err)
		}
	}
	l.Tracer.Head(l.head())
	return nil
}

// head describes the run as far as it is known before the VM starts.
func (l Launcher) head() trace.Head {
	o := l.Options
	return trace.Head{
		Agd: Software(), Go: runtime.Version(), Mode: string(modeOf(o)), Genesis: FileHash(l.Genesis),
		Options: map[string]any{
			options.FlagSplitTransport: o.Transport, options.FlagVMNodeArgs: o.NodeArgs,
			options.FlagJail: o.Jail, "bridge": o.Limits, "swingset": o.Kernel,
		},
	}
}

// FileHash returns the SHA-256 of a file, as a head has that of the genesis; "" if
// it cannot be read.
func FileHash(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// timed returns a bridge that reports slow block actions, if that was asked for.
func (l Launcher) timed(b bridge.Bridge) bridge.Bridge {
	if l.Options.SlowCall <= 0 || l.SlowCall == nil {
		return b
	}
	return slowCalls{b, l.Options.SlowCall, l.SlowCall}
}

// slowCalls reports block actions that take longer than limit.
type slowCalls struct {
	bridge.Bridge
	limit  time.Duration
	report func(method string)
}

// Call implements bridge.Bridge.
func (s slowCalls) Call(ctx context.Context, method string, params ...json.RawMessage) (json.RawMessage, error) {
	// A first Init boots the kernel, which may take a minute.
	if method != vm.MethodInit && slices.Contains(vm.BlockActions, method) {
		timer := time.AfterFunc(s.limit, func() { s.report(method) })
		defer timer.Stop()
	}
	return s.Bridge.Call(ctx, method, params...)
}
