package home

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Holder returns the process that holds the lock of a home (Lock); 0: none
// does, or it cannot be known. It takes no lock itself.
func Holder(home string) int {
	info, err := os.Stat(Layout(home).Data())
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0
	}
	return holderIn(string(locks), unix.Major(stat.Dev), unix.Minor(stat.Dev), stat.Ino)
}

// holderIn finds the holder of a lock by flock in /proc/locks, see proc(5): a
// number, FLOCK, ADVISORY, WRITE, the process id, and MAJOR:MINOR:INODE, whose
// first two are hexadecimal.
func holderIn(locks string, major, minor uint32, inode uint64) int {
	file := fmt.Sprintf("%02x:%02x:%d", major, minor, inode)
	for line := range strings.Lines(locks) {
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[1] != "FLOCK" || fields[3] != "WRITE" || fields[5] != file {
			continue
		}
		if pid, err := strconv.Atoi(fields[4]); err == nil {
			return pid
		}
	}
	return 0
}
