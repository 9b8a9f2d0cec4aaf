package crash_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/cmd/internal/crash"
)

// envMode makes this test's binary a program that crashes.
const envMode = "CRASH_TEST_MODE"

func TestMain(m *testing.M) {
	mode := os.Getenv(envMode)
	if mode == "" {
		os.Exit(m.Run())
	}
	crash.Loudly()
	go anotherGoroutine()
	if mode == "panic" {
		panic("oh no")
	}
	os.Stdout.WriteString("ready\n")
	select {}
}

func anotherGoroutine() { select {} }

func TestACrashPrintsAllGoroutinesAndAborts(t *testing.T) {
	for mode, reason := range map[string]string{"panic": "panic: oh no", "quit": "panic: SIGQUIT: quit"} {
		t.Run(mode, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), envMode+"="+mode)
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			stderr, err := cmd.StderrPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			if mode == "quit" {
				_, err := bufio.NewReader(stdout).ReadString('\n')
				require.NoError(t, err)
				require.NoError(t, cmd.Process.Signal(syscall.SIGQUIT))
			}
			said, err := io.ReadAll(stderr)
			require.NoError(t, err)
			_ = cmd.Wait()
			status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
			require.True(t, ok)
			require.Equal(t, syscall.SIGABRT, status.Signal(), "%s", said)
			require.Contains(t, string(said), reason)
			require.Contains(t, string(said), "anotherGoroutine")
		})
	}
}
