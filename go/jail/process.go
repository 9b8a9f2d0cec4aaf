package jail

import (
	"bufio"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// ofProcess are what a process reads of itself, below /proc/self. Not all of that:
// net has the connections of the whole machine.
var ofProcess = []string{"auxv", "cgroup", "cmdline", "maps", "smaps", "stat", "statm", "status"}

// ofGroup are the files in which Node.js reads its control group's limits, in
// versions 2 and 1. The rest of a group's directory stays hidden: cgroup.procs
// lists processes.
var ofGroup = []string{
	"memory.max", "memory.high", "memory.current", "cpu.max",
	"memory.limit_in_bytes", "memory.soft_limit_in_bytes", "memory.usage_in_bytes", "cpu.cfs_quota_us", "cpu.cfs_period_us",
}

// OwnProcess returns what the calling process may read about itself and its
// control groups. The program that it becomes is still the same process.
func OwnProcess() ([]string, error) {
	var found []string
	for _, name := range ofProcess {
		found = append(found, filepath.Join("/proc/self", name))
	}
	groups, err := os.Open("/proc/self/cgroup")
	if errors.Is(err, os.ErrNotExist) {
		return existing(found), nil
	}
	if err != nil {
		return nil, err
	}
	defer groups.Close()
	for lines := bufio.NewScanner(groups); lines.Scan(); {
		for _, dir := range groupDirs(lines.Text()) {
			for _, name := range ofGroup {
				found = append(found, filepath.Join(dir, name))
			}
		}
	}
	return existing(found), nil
}

// groupDirs returns the directories of a control group and of those above it,
// by a line of /proc/self/cgroup, as cgroups(7) has it: a number, controllers, a
// path.
func groupDirs(line string) []string {
	fields := strings.SplitN(line, ":", 3)
	if len(fields) != 3 {
		return nil
	}
	root := "/sys/fs/cgroup"
	if fields[1] != "" {
		root = filepath.Join(root, fields[1])
	}
	var dirs []string
	for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) {
		dirs = append(dirs, filepath.Join(root, group))
		if group == "/" {
			return dirs
		}
	}
}
