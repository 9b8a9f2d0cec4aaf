package vmproc

import (
	"context"
	"encoding/json"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

func TestOnlyASignalIsAnOperatorsStop(t *testing.T) {
	for name, test := range map[string]struct {
		params []json.RawMessage
		code   int
	}{
		"SIGTERM":        {[]json.RawMessage{[]byte(`{"signal":"SIGTERM"}`)}, supervisor.ExitSignal},
		"SIGHUP, again":  {[]json.RawMessage{[]byte(`{"signal":"SIGHUP","again":true}`)}, supervisor.ExitSignal},
		"no params":      {nil, supervisor.ExitUnasked},
		"no signal":      {[]json.RawMessage{[]byte(`{"again":true}`)}, supervisor.ExitUnasked},
		"another signal": {[]json.RawMessage{[]byte(`{"signal":"SIGUSR1"}`)}, supervisor.ExitUnasked},
		"no object":      {[]json.RawMessage{[]byte(`"SIGTERM"`)}, supervisor.ExitUnasked},
	} {
		t.Run(name, func(t *testing.T) {
			stop := NewStopper()
			_, err := stop.handler()(context.Background(), test.params)
			require.NoError(t, err)
			require.True(t, stop.IsAsked(), "it ends in either case")
			require.Equal(t, test.code, stop.ExitError().Code)
		})
	}
}

func TestASignalAfterTheVMsOwnWishIsAnOperatorsStop(t *testing.T) {
	stop := NewStopper()
	_, err := stop.handler()(context.Background(), nil)
	require.NoError(t, err)
	signals := make(chan os.Signal)
	stop.watchSignals(signals)
	signals <- syscall.SIGTERM
	signals <- syscall.SIGTERM
	<-stop.Hurry.Done()
	require.Equal(t, supervisor.ExitSignal, stop.ExitError().Code)
}
