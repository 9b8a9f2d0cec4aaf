package node

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/app"
)

func TestPausePointOf(t *testing.T) {
	for value, want := range map[string]PausePoint{
		"":                      {},
		"init":                  {point: app.AtInit},
		"after-commit-block@12": {point: app.AfterCommitBlock, height: 12},
	} {
		got, err := PausePointOf([]string{"HOME=/", envPauseAt + "=" + value})
		require.NoError(t, err, value)
		require.Equal(t, want, got, value)
	}
	for value, message := range map[string]string{
		"commit":              "no such point",
		"after-commit-block@": "expected a height after @",
		"init@0":              "expected a height after @",
	} {
		_, err := PausePointOf([]string{envPauseAt + "=" + value})
		require.ErrorContains(t, err, message, value)
	}
}

func TestAPauseHoldsOneBlockUntilItIsAskedToStop(t *testing.T) {
	stop, vmClosed := make(chan struct{}), make(chan struct{})
	pause := PausePoint{point: app.BeforeCommit, height: 5}.until(log.NewNopLogger(), stop, vmClosed)
	pause(app.BeforeCommit, 4)
	pause(app.AfterCommitBlock, 5)
	passed := make(chan struct{})
	go func() {
		pause(app.BeforeCommit, 5)
		close(passed)
	}()
	select {
	case <-passed:
		t.Fatal("the block was not held up")
	default:
	}
	close(stop)
	<-passed
}
