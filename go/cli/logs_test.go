package cli

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

type broken struct{ io.Writer }

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestALogLineThatCannotBeWrittenIsDropped(t *testing.T) {
	n, err := lossy{broken{}}.Write([]byte("line\n"))
	require.NoError(t, err)
	require.Equal(t, 5, n)
}

func TestOnlyStartOutlivesItsOutputs(t *testing.T) {
	require.True(t, RunsNode([]string{"--home", "x", "start", "--split"}))
	require.False(t, RunsNode([]string{"query", "block"}))
}
