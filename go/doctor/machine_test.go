package doctor

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/jail"
)

// judged is a row of a table: what a check finds, its verdict, and what its
// text and its advice contain.
type judged struct {
	Finding
	verdict   Verdict
	found, do string
}

func (j judged) check(t *testing.T, name string) {
	t.Helper()
	require.Equal(t, j.verdict, j.Verdict, "%s: %+v", name, j.Finding)
	require.Contains(t, j.Found, j.found, name)
	require.Contains(t, j.Do, j.do, name)
	require.Equal(t, j.Verdict == OK, j.Do == "", "%s: advice where something is wrong, and only there", name)
}

func TestDisk(t *testing.T) {
	enough := diskFacts{dir: "/home", freeBytes: 20 * gibi, freeInodes: 1e6, inodes: 2e6}
	with := func(change func(*diskFacts)) Finding {
		facts := enough
		change(&facts)
		return judgeDisk(facts)
	}
	for name, row := range map[string]judged{
		"enough":       {judgeDisk(enough), OK, "20.0 GiB free at /home", ""},
		"little":       {with(func(d *diskFacts) { d.freeBytes = 4 * gibi }), Warn, "4.0 GiB", "make room"},
		"almost full":  {with(func(d *diskFacts) { d.freeBytes = 100 * mebi }), Fail, "100 MiB", "make room"},
		"few inodes":   {with(func(d *diskFacts) { d.freeInodes = 40_000 }), Warn, "", "40000 inodes"},
		"no inodes":    {with(func(d *diskFacts) { d.freeInodes = 10 }), Fail, "", "10 inodes"},
		"btrfs":        {with(func(d *diskFacts) { d.freeInodes, d.inodes = 0, 0 }), OK, "", ""},
		"only to read": {with(func(d *diskFacts) { d.readOnly = true }), Fail, "", "read-only"},
	} {
		row.check(t, name)
	}
}

func TestMemory(t *testing.T) {
	const meminfo = "MemTotal:       24675376 kB\nMemFree:         1000 kB\nMemAvailable:   23400000 kB\n"
	require.EqualValues(t, 23400000*1024, kilobytes(meminfo, "MemAvailable"))
	require.Zero(t, kilobytes(meminfo, "MemNone"))
	for name, row := range map[string]judged{
		"enough": {judgeMemory(4*gibi, 8*gibi), OK, "4.0 GiB of 8.0 GiB", ""},
		"little": {judgeMemory(gibi, 2*gibi), Warn, "1.0 GiB", "demonstration vat"},
		"none":   {judgeMemory(100*mebi, gibi), Fail, "100 MiB", "add memory"},
	} {
		row.check(t, name)
	}
}

func TestLimits(t *testing.T) {
	const none = math.MaxUint64
	usual := limitFacts{files: 1 << 20, processes: 30_000, fileSize: none, addressSpace: none}
	with := func(change func(*limitFacts)) Finding {
		facts := usual
		change(&facts)
		return judgeLimits(facts)
	}
	for name, row := range map[string]judged{
		"usual":                    {judgeLimits(usual), OK, "1048576 open files, 30000 processes", ""},
		"unlimited":                {with(func(l *limitFacts) { l.files = none }), OK, "unlimited open files", ""},
		"few files":                {with(func(l *limitFacts) { l.files = 2048 }), Warn, "2048 open files", "ulimit -n"},
		"too few files":            {with(func(l *limitFacts) { l.files = 256 }), Fail, "256 open files", "ulimit -n"},
		"few processes":            {with(func(l *limitFacts) { l.processes = 100 }), Warn, "100 processes", "ulimit -u"},
		"few processes, but root":  {with(func(l *limitFacts) { l.processes, l.root = 100, true }), OK, "", ""},
		"bounded files":            {with(func(l *limitFacts) { l.fileSize = gibi }), Warn, "", "ulimit -f"},
		"a bounded address space":  {with(func(l *limitFacts) { l.addressSpace = gibi }), Fail, "", "ulimit -v"},
		"this process has limits":  {Limits(), Limits().Verdict, "open files", ""},
		"this machine has a clock": {Clock(time.Now(), time.Time{}), Clock(time.Now(), time.Time{}).Verdict, "UTC", ""},
	} {
		row.check(t, name)
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	good := clockFacts{now: now, built: now.AddDate(-1, 0, 0), maxError: 12 * time.Millisecond}
	with := func(change func(*clockFacts)) Finding {
		facts := good
		change(&facts)
		return judgeClock(facts)
	}
	for name, row := range map[string]judged{
		"synchronized":       {judgeClock(good), OK, "2030-01-02 03:04:05 UTC, synchronized to 12ms", ""},
		"slewed":             {with(func(c *clockFacts) { c.drift = -time.Millisecond }), OK, "", ""},
		"set meanwhile":      {with(func(c *clockFacts) { c.drift = -time.Second }), Warn, "set by -1s", "small steps"},
		"before its program": {with(func(c *clockFacts) { c.built = now.Add(time.Hour) }), Fail, "before agd was built", "set the clock"},
		"state TIME_ERROR":   {with(func(c *clockFacts) { c.state = timeError }), Warn, "not synchronized", "chrony"},
		"status STA_UNSYNC":  {with(func(c *clockFacts) { c.status = statusUnsynchronized | 1 }), Warn, "not synchronized", "chrony"},
		"no adjtimex":        {with(func(c *clockFacts) { c.err = errors.New("not permitted") }), Warn, "unknown", "chrony"},
	} {
		row.check(t, name)
	}
}

func TestSharedMemoryAndJail(t *testing.T) {
	none := errors.New("no memfd")
	whole, files := jail.Support{Landlock: 7, Seccomp: true}, jail.Support{Landlock: 1}
	for name, row := range map[string]judged{
		"memory":                     {judgeSharedMemory(nil, true), OK, "available", ""},
		"no memory":                  {judgeSharedMemory(none, false), Warn, "no memfd", "pipes"},
		"no memory, but required":    {judgeSharedMemory(none, true), Fail, "no memfd", "auto"},
		"this machine's memory":      {SharedMemory(true), OK, "", ""},
		"a whole jail":               {Jail(whole, nil, "on"), OK, "whole: Landlock ABI 7 and seccomp filters", ""},
		"a partial jail":             {Jail(files, nil, "auto"), Warn, "partial: confines files, not moving files", "Linux 6.12"},
		"a partial jail, required":   {Jail(files, nil, "on"), Fail, "partial", "agd start --split refuses"},
		"no jail":                    {Jail(jail.Support{}, nil, "auto"), Warn, "off: this system has no Landlock", "Linux 6.12"},
		"no program of the jail":     {Jail(jail.Support{}, errors.New("no agd-vm-jail"), ""), Warn, "off: no agd-vm-jail", "does not confine"},
		"no program, but required":   {Jail(jail.Support{}, errors.New("no agd-vm-jail"), "on"), Fail, "off: no agd-vm-jail", "refuses"},
		"a foreign home for a jail":  {Jail(whole, errors.New("data belongs to user 7"), "auto"), Warn, "user 7", "correct this"},
		"a jail that is switched on": {Jail(whole, nil, "auto"), OK, "whole", ""},
	} {
		row.check(t, name)
	}
}
