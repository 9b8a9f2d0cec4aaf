package doctor

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

const (
	mebi = 1 << 20
	gibi = 1 << 30
)

// System judges the system by the reason why no node can run on it, err. There
// is no finding if one can.
func System(err error) []Finding {
	if err == nil {
		return nil
	}
	return []Finding{finding(Machine, "system", err.Error()).but(Fail, "run the node on Linux, and name it here with --node")}
}

// diskFacts are the free space and files of a file system.
type diskFacts struct {
	dir                   string
	freeBytes, freeInodes uint64
	// inodes is their total; 0: the file system has no such limit.
	inodes   uint64
	readOnly bool
}

// Bounds of the free space: below the first agd stops soon, below the second
// a chain fills it within days.
const (
	fewBytes, someBytes   = 512 * mebi, 5 * gibi
	fewInodes, someInodes = 1000, 50_000
)

// Disk checks the file system of a home, or of the directory that will have it.
func Disk(home string) Finding {
	dir := home
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	facts, err := diskOf(dir)
	if err != nil {
		return finding(Machine, "disk", fmt.Sprintf("%s: %v", dir, err)).but(Warn, "check the free space yourself: df "+dir)
	}
	return judgeDisk(facts)
}

func judgeDisk(disk diskFacts) Finding {
	found := finding(Machine, "disk", fmt.Sprintf("%s free at %s", size(disk.freeBytes), disk.dir))
	switch {
	case disk.readOnly:
		return found.but(Fail, "the file system is read-only: mount it for writing, or choose another --home")
	case disk.freeBytes < fewBytes:
		return found.but(Fail, "make room: both stores and the blocks grow, and a full disk stops agd")
	case disk.inodes > 0 && disk.freeInodes < fewInodes:
		return found.but(Fail, fmt.Sprintf("make room: the file system has only %d inodes free (df -i)", disk.freeInodes))
	case disk.freeBytes < someBytes:
		return found.but(Warn, "a chain's stores and blocks grow: make room, or set pruning in app.toml")
	case disk.inodes > 0 && disk.freeInodes < someInodes:
		return found.but(Warn, fmt.Sprintf("the file system has only %d inodes free (df -i)", disk.freeInodes))
	}
	return found
}

// size is a number of bytes for people.
func size(bytes uint64) string {
	if bytes >= gibi {
		return fmt.Sprintf("%.1f GiB", float64(bytes)/gibi)
	}
	return fmt.Sprintf("%d MiB", bytes/mebi)
}

// Bounds of the memory that is available: a node with the demonstration vat
// uses about 0.7 GiB, one with Agoric's core 1.5 GiB.
const fewMemory, someMemory = 512 * mebi, 2 * gibi

// Memory checks the memory that is available for a new node.
func Memory() Finding {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return finding(Machine, "memory", err.Error()).but(Warn, "check the free memory yourself: a node needs up to 2 GiB")
	}
	return judgeMemory(kilobytes(string(text), "MemAvailable"), kilobytes(string(text), "MemTotal"))
}

func judgeMemory(available, total uint64) Finding {
	found := finding(Machine, "memory", fmt.Sprintf("%s of %s available", size(available), size(total)))
	switch {
	case available < fewMemory:
		return found.but(Fail, "end other programs, or add memory: a node needs 0.7 GiB, with Agoric's core 1.5 GiB")
	case available < someMemory:
		return found.but(Warn, "enough for the demonstration vat; with Agoric's core a node needs 1.5 GiB")
	}
	return found
}

// kilobytes is a line of /proc/meminfo, in bytes; 0: there is none.
func kilobytes(text, name string) uint64 {
	for line := range strings.Lines(text) {
		if rest, is := strings.CutPrefix(line, name+":"); is {
			value, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 54)
			return value * 1024
		}
	}
	return 0
}

// limitFacts are the hard limits of this process; math.MaxUint64: none. agd
// raises its soft limit of open files to the hard one.
type limitFacts struct {
	files, processes, fileSize, addressSpace uint64
	root                                     bool
}

// Bounds of the limits.
const (
	fewFiles, someFiles = 1024, 4096
	// someProcesses: the kernel keeps some fifty workers, Node.js some fifteen
	// threads, Go as many.
	someProcesses = 512
)

// Limits checks the limits of the processes that this user starts.
func Limits() Finding { return judgeLimits(limitsOfProcess()) }

func judgeLimits(limits limitFacts) Finding {
	found := finding(Machine, "limits", fmt.Sprintf("%s open files, %s processes", count(limits.files), count(limits.processes)))
	switch {
	case limits.files < fewFiles:
		return found.but(Fail, fmt.Sprintf("raise the limit of open files to at least %d (ulimit -n, LimitNOFILE= of systemd)", someFiles))
	case limits.addressSpace != math.MaxUint64:
		return found.but(Fail, "remove the limit of the address space (ulimit -v unlimited): Node.js reserves more than it uses")
	case limits.fileSize != math.MaxUint64:
		return found.but(Warn, fmt.Sprintf("remove the limit of files' size (ulimit -f unlimited), which is %s: the stores grow beyond, and shared memory may not fit", size(limits.fileSize)))
	case limits.files < someFiles:
		return found.but(Warn, fmt.Sprintf("a node with many peers needs more open files: raise the limit to %d (ulimit -n, LimitNOFILE= of systemd)", someFiles))
	case limits.processes < someProcesses && !limits.root:
		return found.but(Warn, fmt.Sprintf("raise the limit of processes to at least %d (ulimit -u, LimitNPROC= of systemd): each vat has a worker", someProcesses))
	}
	return found
}

// count is a limit for people.
func count(limit uint64) string {
	if limit == math.MaxUint64 {
		return "unlimited"
	}
	return strconv.FormatUint(limit, 10)
}

// clockFacts are what the machine says of its clock.
type clockFacts struct {
	now time.Time
	// built is the time of agd's last commit; zero: unknown.
	built time.Time
	// drift is how far the wall clock went apart from the monotonic one while
	// the doctor looked.
	drift time.Duration
	// state, status and maxError are adjtimex's; err says that there is none.
	state, status int
	maxError      time.Duration
	err           error
}

// adjtimex(2): the clock is not synchronized.
const timeError, statusUnsynchronized = 5, 0x0040

// mostDrift is more than a clock that is being slewed goes apart meanwhile.
const mostDrift = 50 * time.Millisecond

// Clock checks the machine's clock as far as it can be without a network.
// begun is a time of this process, and built the time of agd's last commit.
func Clock(begun, built time.Time) Finding {
	clock := kernelClock()
	clock.now = time.Now()
	clock.built = built
	clock.drift = clock.now.Round(0).Sub(begun.Round(0)) - clock.now.Sub(begun)
	return judgeClock(clock)
}

func judgeClock(clock clockFacts) Finding {
	found := finding(Machine, "clock", clock.now.UTC().Format("2006-01-02 15:04:05 UTC"))
	const synchronize = "synchronize the clock (chrony, systemd-timesyncd): blocks carry the validators' time"
	switch {
	case clock.now.Before(clock.built):
		found.Found += ", before agd was built"
		return found.but(Fail, "set the clock")
	case clock.drift.Abs() > mostDrift:
		found.Found += fmt.Sprintf(", set by %s while agd doctor looked", clock.drift.Round(time.Millisecond))
		return found.but(Warn, "let one program alone set the clock, in small steps")
	case clock.err != nil:
		found.Found += ", whether it is synchronized is unknown"
		return found.but(Warn, synchronize)
	case clock.state == timeError || clock.status&statusUnsynchronized != 0:
		found.Found += ", not synchronized"
		return found.but(Warn, synchronize)
	}
	found.Found += fmt.Sprintf(", synchronized to %s", clock.maxError.Round(time.Millisecond))
	return found
}

// SharedMemory checks what carries the frames of --split. required: the home's
// options insist on it.
func SharedMemory(required bool) Finding {
	return judgeSharedMemory(tryMemory(), required)
}

func judgeSharedMemory(err error, required bool) Finding {
	switch {
	case err == nil:
		return finding(Machine, "shared memory", "available")
	case required:
		return finding(Machine, "shared memory", err.Error()).but(Fail, "split-transport is shm: set it to auto, or allow memfd_create and its seals")
	}
	return finding(Machine, "shared memory", err.Error()).but(Warn, "agd start --split uses pipes, which are slower")
}

// Jail judges what confines the VM of --split here: support is the machine's,
// and err why there is no jail at all. wanted is the option jail of the home.
func Jail(support jail.Support, err error, wanted string) Finding {
	const name = "jail"
	held, missing := support.Held()
	whole := support.Whole()
	required := wanted == "on"
	do := ""
	if whole != nil {
		_, do, _ = strings.Cut(whole.Error(), "; ")
	}
	switch {
	case err != nil:
		found := finding(Machine, name, "off: "+err.Error())
		if required {
			return found.but(Fail, "jail is on: agd start --split refuses; correct this, or set it to auto")
		}
		return found.but(Warn, "correct this, or agd start --split does not confine the VM")
	case whole == nil:
		return finding(Machine, name, fmt.Sprintf("whole: %s", support))
	case required:
		return finding(Machine, name, fmt.Sprintf("partial: no confinement of %s (%s)", strings.Join(missing, ", "), support)).
			but(Fail, "jail is on: agd start --split refuses; set it to auto, or: "+do)
	case len(held) == 0:
		return finding(Machine, name, fmt.Sprintf("off: this system has %s", support)).but(Warn, do)
	}
	return finding(Machine, name, fmt.Sprintf("partial: confines %s, not %s (%s)", strings.Join(held, ", "), strings.Join(missing, ", "), support)).but(Warn, do)
}
