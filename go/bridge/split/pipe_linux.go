package split

import (
	"errors"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

// pipeReader reads a pipe by blocking system calls. A thread that sleeps in
// read wakes sooner than a goroutine that waits for the runtime's poller, which
// takes three system calls and often another thread to continue.
type pipeReader struct {
	fd     int
	closed atomic.Bool
	// reading is held while fd is in use.
	reading sync.Mutex
}

// newPipeReader takes ownership of a pipe's reading end. If in is not a pipe,
// it returns in.
func newPipeReader(in io.ReadCloser) io.ReadCloser {
	file, ok := in.(*os.File)
	if !ok {
		return in
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return in
	}
	fd := -1
	err = conn.Control(func(original uintptr) {
		var status syscall.Stat_t
		if syscall.Fstat(int(original), &status) != nil || status.Mode&syscall.S_IFMT != syscall.S_IFIFO {
			return
		}
		if n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, original, syscall.F_DUPFD_CLOEXEC, 0); errno == 0 {
			fd = int(n)
		}
	})
	if err != nil || fd < 0 {
		return in
	}
	r := &pipeReader{fd: fd}
	// Close needs this to work, so try it now.
	end, err := r.otherEnd()
	if err != nil || syscall.SetNonblock(fd, false) != nil {
		_ = syscall.Close(end)
		_ = syscall.Close(fd)
		return in
	}
	_ = syscall.Close(end)
	_ = file.Close() // r's own descriptor keeps the pipe open
	return r
}

// otherEnd opens the pipe for writing.
func (r *pipeReader) otherEnd() (fd int, err error) {
	return syscall.Open("/proc/self/fd/"+strconv.Itoa(r.fd), syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
}

// Read implements io.Reader. For one goroutine at a time.
func (r *pipeReader) Read(p []byte) (int, error) {
	r.reading.Lock()
	defer r.reading.Unlock()
	for {
		if r.closed.Load() {
			return 0, os.ErrClosed
		}
		n, err := syscall.Read(r.fd, p)
		switch {
		case r.closed.Load():
			return 0, os.ErrClosed
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// Close unblocks a pending Read: it writes one byte to the pipe, which the Read
// discards. Only the first call has an effect.
func (r *pipeReader) Close() error {
	if r.closed.Swap(true) {
		return os.ErrClosed
	}
	if end, err := r.otherEnd(); err == nil {
		// A full pipe already holds bytes that unblock the Read.
		_, _ = syscall.Write(end, []byte{'\n'})
		_ = syscall.Close(end)
	}
	r.reading.Lock()
	defer r.reading.Unlock()
	return syscall.Close(r.fd)
}
