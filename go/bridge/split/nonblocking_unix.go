//go:build unix

package split

import (
	"io"
	"syscall"
)

// nonBlockingFile is nonBlocking of a stream with a descriptor.
func nonBlockingFile(out io.Writer) func([]byte) int {
	conn, ok := out.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	var flags uintptr
	err = raw.Control(func(fd uintptr) {
		flags, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFL, 0)
	})
	if err != nil || flags&syscall.O_NONBLOCK == 0 {
		return nil
	}
	return func(p []byte) (n int) {
		err := raw.Write(func(fd uintptr) bool {
			n, _ = syscall.Write(int(fd), p)
			return true
		})
		if err != nil {
			return 0
		}
		return max(n, 0)
	}
}
