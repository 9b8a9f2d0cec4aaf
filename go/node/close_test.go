package node

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// notified is a bridge that accepts notifications to the VM.
type notified struct{ bridge.Bridge }

func (notified) Notify(string, ...json.RawMessage) error { return nil }

func TestAPanicWhileClosingDoesNotReplaceTheReason(t *testing.T) {
	n := &Node{
		svr:     &server.Context{Logger: log.NewNopLogger()},
		servers: &servers{group: &errgroup.Group{}, cancel: func() { panic("close of closed channel") }},
	}
	conn := &vmproc.Conn{Bridge: notified{}, Life: supervisor.NewLifecycle(nil)}
	n.close(conn, vmproc.NewStopper(), true)
	require.Equal(t, supervisor.StateStopping, conn.Life.State())
}
