package jail

import (
	"slices"
	"strings"
	"testing"
)

func TestAProcessReadsItsOwnGroupsLimits(t *testing.T) {
	for line, want := range map[string][]string{
		"0::/system.slice/agd.service": {"/sys/fs/cgroup/system.slice/agd.service", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup"},
		"0::/":                         {"/sys/fs/cgroup"},
		"4:memory:/a":                  {"/sys/fs/cgroup/memory/a", "/sys/fs/cgroup/memory"},
		"5:cpu,cpuacct:/../b:c":        {"/sys/fs/cgroup/cpu,cpuacct/b:c", "/sys/fs/cgroup/cpu,cpuacct"},
		"":                             nil,
	} {
		if got := groupDirs(line); !slices.Equal(got, want) {
			t.Errorf("%q: got %q", line, got)
		}
	}
}

func TestAProcessReadsOfItselfWhatTellsOfNoOther(t *testing.T) {
	own, err := OwnProcess()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(own, func(path string) bool { return strings.HasSuffix(path, "/stat") }) {
		t.Errorf("not its memory's size: %q", own)
	}
	for _, path := range own {
		for _, other := range []string{"/net", "/task", "/root", "/cwd", "/fd", "/cgroup.procs"} {
			if strings.Contains(path, other) {
				t.Errorf("%s tells of others", path)
			}
		}
		if !strings.HasPrefix(path, "/proc/") && !strings.HasPrefix(path, "/sys/fs/cgroup/") {
			t.Errorf("%s is neither of the process nor of its groups", path)
		}
	}
}
