package cli

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/internal/panics"
)

func TestAPanicIsOneLineAndItsStackIsForTrace(t *testing.T) {
	for _, trace := range []bool{false, true} {
		err := panics.Recovered(func() bool { return trace }, func() error { panic("no genesis") })
		var out bytes.Buffer
		printLastWords(&out, fmt.Errorf("start: %w", err), "")
		lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
		require.Equal(t, "agd: start: no genesis", string(lines[len(lines)-1]))
		require.Equal(t, trace, len(lines) > 1)
		require.Equal(t, trace, bytes.Contains(out.Bytes(), []byte(t.Name())), "where it was thrown")
	}
}
