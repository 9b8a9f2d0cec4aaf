package inproc

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// With this variable the test's process becomes a shell, by Exec.
const becomesShell = "INPROC_TEST_BECOMES_SHELL"

func TestExecPassesTheLibraryAndNoCarrierOfItsOwn(t *testing.T) {
	if library := os.Getenv(becomesShell); library != "" {
		t.Fatal(Exec(exec.Command("sh", "-c", "env"), library))
	}
	library := filepath.Join(t.TempDir(), "lib.so")
	if err := os.WriteFile(library, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	again := exec.Command(os.Args[0], "-test.run", t.Name())
	again.Env = append(os.Environ(), becomesShell+"="+library,
		"BRIDGE_READ_FD=4", "BRIDGE_WRITE_FD=5", "BRIDGE_MEMORY_FD=6", Variable+"=/no/other.so")
	out, err := again.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var carriers []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "BRIDGE_") {
			carriers = append(carriers, strings.TrimSpace(line))
		}
	}
	if want := []string{Variable + "=" + library}; !slices.Equal(carriers, want) {
		t.Errorf("got %q, want %q", carriers, want)
	}
}
