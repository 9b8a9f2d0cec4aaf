package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// The VMs of these tests are this test's own binary, started again in one of
// the modes below. The real VM is tested under test/lifecycle.
const envMode = "SUPERVISOR_TEST_VM"

// TestMain runs a VM if the binary is started as one.
func TestMain(m *testing.M) {
	if mode := os.Getenv(envMode); mode != "" {
		runVM(mode)
		return
	}
	os.Exit(m.Run())
}

func runVM(mode string) {
	if mode == "deaf" {
		signal.Ignore(syscall.SIGINT, syscall.SIGTERM)
	}
	if mode == "mute" {
		forever()
	}
	stop := make(chan struct{})
	hello, _ := json.Marshal(bridge.Hello{Protocol: bridge.ProtocolVersion, Software: "test VM", PID: os.Getpid()})
	answer := func(result string) bridge.Handler {
		return func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return json.RawMessage(result), nil
		}
	}
	b := split.New(os.NewFile(4, "from agd"), os.NewFile(5, "to agd"), bridge.Options{Handlers: map[string]bridge.Handler{
		bridge.HandshakeMethod: answer(string(hello)),
		contract.MethodStopVM: func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			if mode != "deaf" {
				close(stop)
			}
			return json.RawMessage("null"), nil
		},
		"leave": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			// A child that holds all our descriptors and does not exit.
			child := exec.Command("sleep", "1000")
			child.ExtraFiles = []*os.File{nil, os.NewFile(4, "4"), os.NewFile(5, "5")}
			child.Stdout, child.Stderr = os.Stdout, os.Stderr
			if err := child.Start(); err != nil {
				return nil, err
			}
			return json.RawMessage(strconv.Itoa(child.Process.Pid)), nil
		},
		"crash": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			fmt.Fprintln(os.Stderr, "about to crash")
			os.Exit(3)
			return nil, nil
		},
	}})
	select {
	case <-stop:
	case <-b.Closed():
		if mode == "deaf" {
			forever()
		}
	}
}

// forever waits. A program without cgo in which no goroutine waits for time or
// a descriptor is ended by Go as a deadlock.
func forever() { time.Sleep(time.Hour) }

// testVM starts a VM in a mode, through a wrapper if one is given: a shell
// script with VM for the command.
func testVM(t *testing.T, mode, wrapper string) (*supervisor.VM, *supervisor.Lifecycle, *lines) {
	t.Helper()
	binary := os.Args[0]
	command := []string{binary}
	if wrapper != "" {
		command = []string{"/bin/sh", "-c", strings.ReplaceAll(wrapper, "VM", binary)}
	}
	life, printed := supervisor.NewLifecycle(nil), &lines{}
	vm, err := supervisor.Start(command, append(os.Environ(), envMode+"="+mode),
		supervisor.Options{Life: life, Output: printed.add})
	require.NoError(t, err)
	t.Cleanup(func() { vm.Stop(done()) })
	return vm, life, printed
}

func shakeHands(t *testing.T, vm *supervisor.VM) {
	t.Helper()
	_, err := vm.Handshake(t.Context(), "test")
	require.NoError(t, err)
}

func call(t *testing.T, vm *supervisor.VM, method string) string {
	t.Helper()
	result, err := vm.Call(t.Context(), method)
	require.NoError(t, err)
	return string(result)
}

// done returns a context that hurries from the start.
func done() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func requireNoChildren(t *testing.T) {
	t.Helper()
	require.Empty(t, childPIDs(t))
}

func childPIDs(t *testing.T) []int {
	t.Helper()
	var found []int
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, stat := range stats {
		text, _ := os.ReadFile(stat)
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			require.NoError(t, err)
			found = append(found, pid)
		}
	}
	return found
}

func TestAVMIsStoppedAndReaped(t *testing.T) {
	vm, life, _ := testVM(t, "good", "")
	require.Equal(t, supervisor.StateStarting, life.State())
	shakeHands(t, vm)
	require.Equal(t, supervisor.StateRunning, life.State())
	started := time.Now()
	vm.Stop(t.Context())
	require.Less(t, time.Since(started), supervisor.StopGrace, "it ended when it was told to")
	require.Equal(t, supervisor.StateEnded, life.State())
	how, _ := vm.LastWords(0)
	require.Equal(t, "exit status 0", how)
	requireNoChildren(t)
	vm.Stop(t.Context()) // again
}

func TestAVMThatIgnoresEverythingIsKilled(t *testing.T) {
	vm, _, _ := testVM(t, "deaf", "")
	shakeHands(t, vm)
	started := time.Now()
	vm.Stop(t.Context())
	require.InDelta(t, (supervisor.StopGrace + supervisor.TermGrace).Seconds(), time.Since(started).Seconds(), 1)
	how, _ := vm.LastWords(0)
	require.Equal(t, "signal: killed", how)
}

func TestASecondSignalKillsSooner(t *testing.T) {
	for name, wrapper := range map[string]string{"": "", "below a wrapper": "VM; true"} {
		t.Run(name, func(t *testing.T) {
			vm, _, _ := testVM(t, "deaf", wrapper)
			shakeHands(t, vm)
			started := time.Now()
			vm.Stop(done())
			require.Less(t, time.Since(started), supervisor.StopGrace)
			requireNoChildren(t)
		})
	}
}

func TestAHandshakeThatDoesNotComeIsGivenUp(t *testing.T) {
	vm, life, _ := testVM(t, "mute", "")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := vm.Handshake(ctx, "test")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, supervisor.StateStarting, life.State())
	vm.Stop(t.Context())
	requireNoChildren(t)
}

func TestTheVMsDeathIsSeen(t *testing.T) {
	for name, wrapper := range map[string]string{
		"its own process":                "",
		"below a wrapper that waits":     "VM; exit $?",
		"below a wrapper that goes on":   "VM; sleep 1000",
		"below two, the lower one waits": "sh -c 'VM; true'; true",
	} {
		for _, left := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, a child left: %t", name, left), func(t *testing.T) {
				vm, _, _ := testVM(t, "good", wrapper)
				shakeHands(t, vm)
				if left {
					call(t, vm, "leave")
				}
				require.NoError(t, syscall.Kill(vm.PID(), syscall.SIGKILL))
				select {
				case <-vm.Closed():
				case <-time.After(5 * time.Second):
					t.Fatal("the bridge is still open after 5 s")
				}
				started := time.Now()
				vm.Stop(t.Context())
				require.Less(t, time.Since(started), supervisor.StopGrace)
				requireNoChildren(t)
			})
		}
	}
}

// envInherited is set for the half of a test that a shell with jobs executes.
const envInherited = "SUPERVISOR_TEST_INHERITED"

func TestChildrenFromBeforeAreLeftAlone(t *testing.T) {
	fifo := os.Getenv(envInherited)
	if fifo == "" {
		// A script that starts jobs and becomes agd. One job keeps running; the
		// other leaves a process behind once agd runs.
		binary := os.Args[0]
		fifo = filepath.Join(t.TempDir(), "fifo")
		require.NoError(t, syscall.Mkfifo(fifo, 0o600))
		cmd := exec.Command("/bin/sh", "-c", `
			sleep 1000 > /dev/null 2>&1 &
			sh -c 'read go; sleep 1000 > /dev/null 2>&1 & :' < "$0" &
			exec "$1" -test.v -test.run "$2"`, fifo, binary, "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), envInherited+"="+fifo)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "--- PASS")
		return
	}
	t.Cleanup(func() {
		for _, pid := range childPIDs(t) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	jobs := childPIDs(t)
	require.Len(t, jobs, 2)
	vm, _, _ := testVM(t, "good", "")
	shakeHands(t, vm)
	left, err := strconv.Atoi(call(t, vm, "leave"))
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(fifo, []byte("go\n"), 0))
	var adopted []int
	require.Eventually(t, func() bool {
		adopted = slices.DeleteFunc(childPIDs(t), func(pid int) bool { return pid == vm.PID() || slices.Contains(jobs, pid) })
		return len(adopted) == 1
	}, 10*time.Second, time.Millisecond)

	vm.Stop(t.Context())
	for _, pid := range append(jobs, adopted...) {
		require.NoError(t, syscall.Kill(pid, 0), "process %d of %v and %v is left alone", pid, jobs, adopted)
	}
	require.ErrorIs(t, syscall.Kill(left, 0), syscall.ESRCH, "what the VM has left is ended")
}

func TestAVMsLastWordsAreKept(t *testing.T) {
	vm, _, printed := testVM(t, "good", "")
	shakeHands(t, vm)
	_, err := vm.Call(t.Context(), "crash")
	require.ErrorContains(t, err, "closed")
	how, said := vm.LastWords(5 * time.Second)
	require.Equal(t, "exit status 3", how)
	require.Equal(t, []string{"about to crash"}, said)
	require.Equal(t, []string{"stderr: about to crash"}, printed.all())
}

func TestOutputIsTakenLineByLine(t *testing.T) {
	vm, _, printed := testVM(t, "good", `printf 'one\r\n\ntwo\rINF \033[1mthree\n'; printf '%70000d\n' 1 >&2; for i in $(seq 20); do printf "$i\r\033[2K\n" >&2; done`)
	how, said := vm.LastWords(5 * time.Second)
	require.Equal(t, "exit status 0", how)
	require.Len(t, said, 12)
	require.Equal(t, `20\r\x1b[2K`, said[11])
	var out []string
	for _, line := range printed.all() {
		if text, ok := strings.CutPrefix(line, "stdout: "); ok {
			out = append(out, text)
		}
	}
	require.Equal(t, []string{"one", `two\rINF \x1b[1mthree`}, out)
}

func TestAStateIsEnteredOnceAndNeverLeftBackwards(t *testing.T) {
	var steps []string
	life := supervisor.NewLifecycle(func(from, to supervisor.State) { steps = append(steps, string(from)+" → "+string(to)) })
	require.True(t, life.Enter(supervisor.StateRunning))
	require.False(t, life.Enter(supervisor.StateRunning))
	require.True(t, life.Enter(supervisor.StateStopping))
	require.False(t, life.Enter(supervisor.StateDraining))
	require.Equal(t, []string{"starting → running", "running → stopping"}, steps)
}

func TestAStopSignalOfItsOwnIsTold(t *testing.T) {
	for signal, stopped := range map[syscall.Signal]bool{
		syscall.SIGINT: true, syscall.SIGTERM: true, syscall.SIGHUP: true,
		syscall.SIGKILL: false, syscall.SIGSEGV: false,
	} {
		vm, _, _ := testVM(t, "mute", "")
		require.False(t, vm.Stopped(0), "it runs")
		require.NoError(t, syscall.Kill(vm.PID(), signal))
		require.Equal(t, stopped, vm.Stopped(10*time.Second), signal)
	}
}
