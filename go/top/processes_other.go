//go:build !linux

package top

import "errors"

var errNoProc = errors.New("processes: only Linux has /proc")

// Processes fails: only Linux says which processes a node has.
func Processes(int) ([]Process, error) { return nil, errNoProc }

// Invocation fails: only Linux says how a process was started.
func Invocation(int) (args, env []string, err error) { return nil, nil, errNoProc }
