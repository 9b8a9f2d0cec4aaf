package split_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
)

// childMode, in the environment, makes the test binary the program that a test
// starts.
const childMode = "SPLIT_TEST_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		os.Exit(child(mode))
	}
	os.Exit(m.Run())
}

var named = bridge.Options{Software: "test 1"}

// child is the program of a mode. It never switches to the shared memory.
func child(mode string) (exitCode int) {
	if mode == "fails" {
		return 3
	}
	var files []*os.File
	for _, name := range []string{"BRIDGE_READ_FD", "BRIDGE_WRITE_FD"} {
		fd, err := strconv.Atoi(os.Getenv(name))
		if err != nil {
			return 4
		}
		files = append(files, os.NewFile(uintptr(fd), name))
	}
	b := split.New(files[0], files[1], bridge.Options{Handlers: handlers{
		bridge.HandshakeMethod: func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			if mode == "refuses" {
				return nil, errors.New("too old")
			}
			return json.Marshal(bridge.Hello{Protocol: bridge.ProtocolVersion, Software: "child 1"})
		},
		"fds": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return json.Marshal(os.Getenv("BRIDGE_READ_FD") + " " + os.Getenv("BRIDGE_WRITE_FD") + " " + os.Getenv("BRIDGE_MEMORY_FD"))
		},
		"die": func(context.Context, []json.RawMessage) (json.RawMessage, error) { os.Exit(7); return nil, nil },
	}})
	<-b.Closed()
	if mode == "stays" {
		time.Sleep(time.Hour) // where no goroutine waits for time, Go ends the program
	}
	return 0
}

func command(mode string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childMode+"="+mode)
	return cmd
}

func TestStartShakesHandsAndStopReturnsTheExit(t *testing.T) {
	for _, memory := range []split.Memory{split.MemoryNone, split.MemoryAuto, split.MemoryRequired} {
		p, err := split.Start(t.Context(), command("serves"), split.Options{Options: named, Memory: memory})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Peer().Software; got != "child 1" {
			t.Errorf("got %q", got)
		}
		want := `"4 5 6"`
		if memory == split.MemoryNone {
			want = `"4 5 "`
		}
		if fds, err := p.Call(t.Context(), "fds"); err != nil || string(fds) != want {
			t.Errorf("got %s, %v", fds, err)
		}
		if p.SharesMemory() {
			t.Error("the program has not switched")
		}
		if err := errors.Join(p.Stop(), p.Stop()); err != nil {
			t.Error(err)
		}
	}
}

func TestStartSaysWhatFailed(t *testing.T) {
	missing := exec.Command("./no-such-program")
	for _, test := range []struct {
		name    string
		cmd     *exec.Cmd
		options split.Options
		want    string
	}{
		{"exits", command("fails"), split.Options{Options: named}, "no handshake from the peer: bridge closed by the peer (exit status 3)"},
		{"refuses", command("refuses"), split.Options{Options: named}, "the peer refused the handshake: too old"},
		{"is not there", missing, split.Options{Options: named}, "cannot start no-such-program: fork/exec ./no-such-program: no such file or directory"},
		{"no software", command("serves"), split.Options{}, "Options.Software is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := split.Start(t.Context(), test.cmd, test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestAProgramThatStaysIsKilled(t *testing.T) {
	p, err := split.Start(t.Context(), command("stays"), split.Options{Options: named, Grace: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(); err == nil || err.Error() != "signal: killed" {
		t.Error(err)
	}
	<-p.Exited()
}

func TestAnOutputThatAnotherProcessHoldsDoesNotDelayStopForEver(t *testing.T) {
	held, release, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	defer release.Close() // ends cat
	cmd := exec.Command("sh", "-c", "cat <&3 &")
	cmd.ExtraFiles = []*os.File{held}
	cmd.Stdout = &strings.Builder{}
	if _, err := split.Start(t.Context(), cmd, split.Options{Options: named}); err == nil {
		t.Error("a shell makes no handshake")
	}
}

func TestRunSaysHowAProgramDied(t *testing.T) {
	exitCode, err := split.Run(t.Context(), command("serves"), split.Options{Options: named},
		func(ctx context.Context, b bridge.Bridge, _ json.RawMessage) (int, error) {
			_, err := b.Call(ctx, "die")
			return 9, err
		})
	var closed *bridge.ClosedError
	want := fmt.Sprintf("bridge closed by the peer (%s: exit status 7)", strings.TrimPrefix(os.Args[0], os.Args[0][:strings.LastIndex(os.Args[0], "/")+1]))
	if exitCode != 9 || !errors.As(err, &closed) || err.Error() != want {
		t.Errorf("got %d, %v; want %s", exitCode, err, want)
	}
}

func TestAnAttachmentMayBeClosedTwice(t *testing.T) {
	cmd := command("serves")
	a, err := split.Attach(cmd, split.Options{Memory: split.MemoryRequired})
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(errors.Join(err, a.Close()))
	}
	a.Open()
	if err := errors.Join(a.Close(), a.Close(), cmd.Wait()); err != nil {
		t.Error(err)
	}
}

func TestWithoutMemoryNoInheritedOneIsNamed(t *testing.T) {
	cmd := exec.Command("true")
	cmd.Env = []string{"BRIDGE_MEMORY_FD=9", "OTHER=1"}
	a, err := split.Attach(cmd, split.Options{Memory: split.MemoryNone})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"OTHER=1", "BRIDGE_READ_FD=4", "BRIDGE_WRITE_FD=5"}; !slices.Equal(cmd.Env, want) {
		t.Errorf("got %v, want %v", cmd.Env, want)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

func TestAttachNamesTheDescriptorsAsTheCallerLikes(t *testing.T) {
	cmd := exec.Command("true")
	cmd.ExtraFiles = []*os.File{nil, os.Stdin}
	a, err := split.Attach(cmd, split.Options{
		Variables: split.Variables{Read: "IN", Write: "OUT"}, Memory: split.MemoryRequired,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"IN=5", "OUT=6", "BRIDGE_MEMORY_FD=7"} {
		if !slices.Contains(cmd.Env, want) {
			t.Errorf("no %s", want)
		}
	}
	if a.MemoryError() != nil || a.SharesMemory() {
		t.Error("the program has not switched")
	}
	if err := errors.Join(a.Close(), a.Close()); err != nil {
		t.Error(err)
	}
}
