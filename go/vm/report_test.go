package vm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// lines passes on the log, line by line.
type lines chan string

func (l lines) Write(text []byte) (int, error) {
	l <- string(text)
	return len(text), nil
}

func TestALongActionIsReportedUntilItEnds(t *testing.T) {
	logged := make(lines)
	logger := log.NewLogger(logged, log.OutputJSONOption())
	action := &running{
		method: MethodInit,
		ctx:    sdk.Context{}.WithLogger(logger).WithBlockHeight(7),
		done:   make(chan struct{}),
	}
	action.downcalls.Add(3)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		action.report(time.Millisecond)
	}()
	line := <-logged
	require.Contains(t, line, `"action":"Init"`)
	require.Contains(t, line, `"height":7`)
	require.Contains(t, line, `"downcalls":3`)
	require.Contains(t, <-logged, "still at work", "again and again")
	close(action.done)
	for {
		select {
		case <-logged:
		case <-ended:
			return
		}
	}
}
