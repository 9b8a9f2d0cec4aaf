package top

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/procfs"
)

// Processes returns a process and those below it: each after its parent, then by
// process id. Processes that end meanwhile are left out.
func Processes(pid int) ([]Process, error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, fmt.Errorf("processes: %w", err)
	}
	stats := map[int]procfs.ProcStat{}
	below := map[int][]int{}
	for _, proc := range all {
		stat, err := proc.Stat()
		if err != nil {
			continue // ended meanwhile
		}
		stats[proc.PID] = stat
		below[stat.PPID] = append(below[stat.PPID], proc.PID)
	}
	var found []Process
	var add func(pid int)
	add = func(at int) {
		stat, runs := stats[at]
		proc, err := procfs.NewProc(at)
		if !runs || err != nil {
			return
		}
		args, err := proc.CmdLine()
		if err != nil {
			return
		}
		began, err := stat.StartTime()
		if err != nil {
			return
		}
		found = append(found, Process{
			PID: at, Name: nameOf(args, at == pid), Memory: int64(stat.ResidentMemory()),
			seconds: stat.CPUTime(), started: time.UnixMilli(int64(began * 1000)),
		})
		slices.Sort(below[at])
		for _, child := range below[at] {
			add(child)
		}
	}
	add(pid)
	return found, nil
}

// Invocation returns the arguments and the environment of a process.
func Invocation(pid int) (args, env []string, err error) {
	proc, err := procfs.NewProc(pid)
	if err == nil {
		args, err = proc.CmdLine()
	}
	if err == nil {
		env, err = proc.Environ()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("options of process %d: %w", pid, err)
	}
	return args, env, nil
}
