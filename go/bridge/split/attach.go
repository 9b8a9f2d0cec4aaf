package split

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

// Attachment is a bridge to a program that is not started yet. Its creator calls
// Close, also if the program cannot be started. Its methods are not safe for
// concurrent use, except SharesMemory once the bridge is open.
type Attachment struct {
	options Options
	// in and out are this side's ends, theirs the program's.
	in, out *os.File
	theirs  []io.Closer
	memory  *memory // nil: pipes only
	// memoryError is why memory is nil although it was wanted.
	memoryError error
	bridge      bridge.Bridge
}

// Attach gives a command that is not started yet two pipes and, if possible,
// shared memory. It appends them to cmd.ExtraFiles, and sets cmd.Env to a copy
// of cmd.Environ() with their numbers. If cmd.ExtraFiles is empty, descriptor 3
// stays closed, because Node.js uses that for its own IPC; the numbers are then
// 4, 5 and 6.
//
// Start does all of this and starts the program. Use Attach to start it
// yourself:
//
//	attachment, err := split.Attach(cmd, split.Options{})
//	defer attachment.Close()
//	err = cmd.Start()
//	b := attachment.Open()
//	hello, err := bridge.Handshake(ctx, b, "program 1.0.0")
func Attach(cmd *exec.Cmd, o Options) (*Attachment, error) {
	a := &Attachment{options: o}
	if err := a.attach(cmd); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot attach a bridge to %s: %w", cmd.Path, err), a.Close())
	}
	return a, nil
}

func (a *Attachment) attach(cmd *exec.Cmd) (err error) {
	theirIn, out, err := os.Pipe()
	if err != nil {
		return err
	}
	a.out, a.theirs = out, append(a.theirs, theirIn)
	in, theirOut, err := os.Pipe()
	if err != nil {
		return err
	}
	a.in, a.theirs = in, append(a.theirs, theirOut)
	if a.options.Memory != MemoryNone {
		if a.memory, err = newMemory(); err != nil {
			a.memoryError = &MemoryError{err}
		}
		if err != nil && a.options.Memory == MemoryRequired {
			return a.memoryError
		}
	}
	names, defaults := a.options.Variables, DefaultVariables()
	cmd.Env = cmd.Environ() // a copy
	pass(cmd, cmp.Or(names.Read, defaults.Read), theirIn)
	pass(cmd, cmp.Or(names.Write, defaults.Write), theirOut)
	memoryName := cmp.Or(names.Memory, defaults.Memory)
	if a.memory != nil {
		pass(cmd, memoryName, a.memory.file())
		return nil
	}
	// One that this process inherited is not for the program.
	cmd.Env = slices.DeleteFunc(cmd.Env, func(entry string) bool {
		return strings.HasPrefix(entry, memoryName+"=")
	})
	return nil
}

// pass gives the program a file and its number.
func pass(cmd *exec.Cmd, variable string, file *os.File) {
	if len(cmd.ExtraFiles) == 0 {
		cmd.ExtraFiles = []*os.File{nil}
	}
	const first = 3 // descriptor of the first extra file
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", variable, first+len(cmd.ExtraFiles)))
	cmd.ExtraFiles = append(cmd.ExtraFiles, file)
}

// Open opens the bridge, once, when the program has been started.
func (a *Attachment) Open() bridge.Bridge {
	in, out := a.Streams()
	a.bridge = New(in, out, a.options.Options)
	return a.bridge
}

// Streams returns the streams of the bridge, for a caller that opens the bridge
// with New instead of Open. That caller closes the bridge before it calls Close.
// Call Streams once, after the program has been started: Streams closes this
// process's copies of the program's ends, because with them neither side would
// see the end of the other.
func (a *Attachment) Streams() (in io.ReadCloser, out io.WriteCloser) {
	a.closeTheirs()
	if a.memory == nil {
		return a.in, a.out
	}
	return a.memory.streams(a.in, a.out, cmp.Or(a.options.PeerName, peer.DefaultPeerName))
}

// SharesMemory reports whether the program has switched to the shared memory.
// It does so with its first frame, so the answer is final after the handshake.
func (a *Attachment) SharesMemory() bool { return a.memory != nil && a.memory.shared() }

// MemoryError returns a *MemoryError if this system could not make shared
// memory, so that the program was offered the pipes alone; nil with MemoryNone.
func (a *Attachment) MemoryError() error { return a.memoryError }

// MemoryError says why this system cannot make shared memory.
type MemoryError struct{ Err error }

func (e *MemoryError) Error() string { return e.Err.Error() }

func (e *MemoryError) Unwrap() error { return e.Err }

// Close closes the bridge, if it was opened, and releases everything else.
// Idempotent.
func (a *Attachment) Close() error {
	a.closeTheirs()
	if a.bridge != nil {
		_ = a.bridge.Close()
	} else {
		for _, file := range []*os.File{a.in, a.out} {
			_ = file.Close() // nil or closed: an error that says so
		}
	}
	if a.memory == nil {
		return nil
	}
	return a.memory.close()
}

func (a *Attachment) closeTheirs() {
	for _, end := range a.theirs {
		_ = end.Close()
	}
	a.theirs = nil
}
