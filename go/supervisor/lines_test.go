package supervisor_test

import (
	"sync"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// lines collects what a VM prints.
type lines struct {
	mu    sync.Mutex
	lines []string
}

func (l *lines) add(stream supervisor.Stream, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(stream)+": "+line)
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.lines...)
}
