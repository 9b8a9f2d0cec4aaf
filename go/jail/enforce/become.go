//go:build linux

package enforce

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

// Become confines this process with a policy, as far as the machine supports
// it, and executes a program. It returns only an error. A worker's program
// cannot be replaced again: the filter allows execve only with one address as
// its argument, which is random for each process and meaningless in the next
// program.
//
// The caller must be locked to its thread, because privileges belong to a
// thread and the program gets those of the thread that executes it.
func Become(p jail.Policy, command, env []string) error {
	path := unsafe.Pointer(nil)
	if p.Worker {
		var err error
		if path, err = hidden(command[0]); err != nil {
			return fmt.Errorf("an address for the program's name: %w", err)
		}
	}
	if err := enter(p, uintptr(path)); err != nil {
		return fmt.Errorf("cannot set up the jail: %w", err)
	}
	if path == nil {
		return unix.Exec(command[0], command, env)
	}
	argv, err := syscall.SlicePtrFromStrings(command)
	if err != nil {
		return err
	}
	envp, err := syscall.SlicePtrFromStrings(env)
	if err != nil {
		return err
	}
	_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, uintptr(path),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0])))
	return errno
}

// addressBits bounds the random addresses: half of an x86-64 process's address
// space. If a process has less, the system chooses.
const addressBits = 46

// hidden puts a C string at a random address, by the byte.
func hidden(text string) (unsafe.Pointer, error) {
	page := uint64(os.Getpagesize())
	size := uintptr(2 * page)
	if uint64(len(text)) >= page {
		return nil, unix.ENAMETOOLONG
	}
	var drawn [2]uint64
	if err := binary.Read(rand.Reader, binary.NativeEndian, &drawn); err != nil {
		return nil, err
	}
	wanted := uintptr(drawn[0] % (1 << addressBits) &^ (page - 1))
	const kind = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS
	memory, err := unix.MmapPtr(-1, 0, unsafe.Add(unsafe.Pointer(nil), wanted), size, unix.PROT_READ|unix.PROT_WRITE, kind|unix.MAP_FIXED_NOREPLACE)
	if errors.Is(err, unix.ENOMEM) || errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EPERM) {
		memory, err = unix.MmapPtr(-1, 0, nil, size, unix.PROT_READ|unix.PROT_WRITE, kind)
	}
	if err != nil {
		return nil, err
	}
	name := unsafe.Add(memory, drawn[1]%page)
	copy(unsafe.Slice((*byte)(name), len(text)), text) // zeroes follow
	return name, nil
}
