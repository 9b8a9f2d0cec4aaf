package doctor

import (
	"math"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/agd-bridge/agd-bridge/go/bridge/shm"
)

// diskOf asks the file system that has a directory.
func diskOf(dir string) (diskFacts, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return diskFacts{}, err
	}
	return diskFacts{
		dir: dir, freeBytes: stat.Bavail * uint64(stat.Bsize), freeInodes: stat.Ffree, inodes: stat.Files,
		readOnly: stat.Flags&unix.ST_RDONLY != 0,
	}, nil
}

// limitsOfProcess are the limits that bind this process and its children.
func limitsOfProcess() limitFacts {
	get := func(resource int) unix.Rlimit {
		limit := unix.Rlimit{Cur: math.MaxUint64, Max: math.MaxUint64}
		_ = unix.Getrlimit(resource, &limit)
		return limit
	}
	return limitFacts{
		files: get(unix.RLIMIT_NOFILE).Max, processes: get(unix.RLIMIT_NPROC).Cur,
		fileSize: get(unix.RLIMIT_FSIZE).Cur, addressSpace: get(unix.RLIMIT_AS).Cur, root: os.Geteuid() == 0,
	}
}

// kernelClock is what the Linux kernel knows of its clock.
func kernelClock() clockFacts {
	var timex unix.Timex
	state, err := unix.Adjtimex(&timex)
	return clockFacts{
		state: state, status: int(timex.Status), maxError: time.Duration(timex.Maxerror) * time.Microsecond, err: err,
	}
}

// tryMemory makes the shared memory of a bridge, and removes it.
func tryMemory() error {
	memory, err := shm.New()
	if err != nil {
		return err
	}
	return memory.Close()
}
