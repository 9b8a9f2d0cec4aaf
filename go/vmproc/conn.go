package vmproc

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cosmos/cosmos-sdk/version"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/trace"
)

// Conn is the bridge to the VM, in either mode. The caller of Launcher.Connect
// calls End.
type Conn struct {
	bridge.Bridge
	Mode Mode
	Life *supervisor.Lifecycle
	// Capabilities are what the VM can do beyond the protocol's base.
	Capabilities []string
	// Confined describes, for people, how far the VM is confined.
	Confined string
	// Software is the VM's name and version.
	Software string
	// process is the VM's process; nil in-process, where it is ours.
	process *supervisor.VM
	trace   *trace.Tracer
}

// PID is the process id of the VM.
func (c *Conn) PID() int {
	if c.process != nil {
		return c.process.PID()
	}
	return os.Getpid()
}

// handshake shakes hands with the VM.
func (c *Conn) handshake(ctx context.Context) (bridge.Hello, error) {
	if c.process != nil {
		hello, err := c.process.Handshake(ctx, Software())
		return hello, ofVM(err)
	}
	hello, err := bridge.Handshake(ctx, c, Software())
	if err == nil {
		c.Life.Enter(supervisor.StateRunning)
	}
	return hello, ofVM(err)
}

// ofVM names the VM in an error of the handshake, which the bridge calls the
// peer.
func ofVM(err error) error {
	var remote *bridge.RemoteError
	var local *bridge.LocalError
	switch {
	case err == nil || errors.As(err, &local):
		return err
	case errors.As(err, &remote):
		return fmt.Errorf("the VM refused the handshake: %w", remote)
	default:
		return fmt.Errorf("no handshake from the VM: %w", cmp.Or(errors.Unwrap(err), err))
	}
}

// End asks the VM to exit. In split mode it returns after the VM's exit.
// Idempotent.
func (c *Conn) End(stop *Stopper) {
	if c.process != nil {
		c.process.Stop(stop.Hurry)
		c.trace.Close()
	} else if c.Life.Enter(supervisor.StateStopping) {
		_ = c.Notify(contract.MethodStopVM, json.RawMessage("{}"))
	}
}

// deathLimit bounds the wait for the VM's exit status after its pipe has ended.
const deathLimit = time.Second

// Died adds the exit status and the last output of a VM that ended by itself to
// an error.
func (c *Conn) Died(err error) error {
	if c.process == nil {
		return err
	}
	how, said := c.process.LastWords(deathLimit)
	if how != "" {
		err = fmt.Errorf("%w (VM: %s)", err, how)
	}
	return &Error{err, said}
}

// Started adds the chain's state at the start to the trace.
func (c *Conn) Started(height int64, appHash []byte) {
	c.trace.Head(trace.Head{Height: height, AppHash: hex.EncodeToString(appHash)})
}

// Transport returns the name of the bridge's transport.
func (c *Conn) Transport() string {
	switch {
	case c.process == nil:
		return "memory"
	case c.process.SharesMemory():
		return options.TransportShm
	default:
		return options.TransportPipe
	}
}

func (c *Conn) checkTransport(wanted string) error {
	if wanted != options.TransportShm || c.process.SharesMemory() {
		return nil
	}
	return fmt.Errorf("--%s=%s: the VM does not use shared memory: its addon is not built (make build), or it is not agvm; %s uses pipes then",
		options.FlagSplitTransport, options.TransportShm, options.TransportAuto)
}

// Software is the name and version of this agd.
func Software() string {
	if version.Version == "" {
		return "agd"
	}
	return "agd " + version.Version
}
