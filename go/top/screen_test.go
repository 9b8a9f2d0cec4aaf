package top

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"
)

// terminal is an output that closes shown when the first view is on it.
type terminal struct {
	bytes.Buffer
	shown chan struct{}
}

func (s *terminal) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if s.shown != nil && bytes.Contains(s.Bytes(), []byte("height 10")) {
		close(s.shown)
		s.shown = nil
	}
	return n, err
}

func TestAScreenEndsWithAKeyOrASignal(t *testing.T) {
	for name, end := range map[string]func(keys io.Writer, cancel func()){
		"key":    func(keys io.Writer, _ func()) { _, _ = keys.Write([]byte("q")) },
		"signal": func(_ io.Writer, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			n := &node{pid: 7, now: time.Unix(1000, 0), status: Status{Height: 10, Completed: 10}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			input, keys := io.Pipe()
			defer keys.Close()
			shown := make(chan struct{})
			ended := make(chan error)
			go func() {
				ended <- Screen(ctx, n.observer(), time.Hour, tea.WithInput(input), tea.WithOutput(&terminal{shown: shown}), tea.WithWindowSize(80, 24))
			}()
			<-shown
			end(keys, cancel)
			require.NoError(t, <-ended)
		})
	}
}
