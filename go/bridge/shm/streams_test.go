//go:build linux

package shm

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
)

// ends are both ends of one memory. The VM's end is the same code with the
// rings swapped.
type ends struct {
	memory *Memory
	agdIn  *Reader
	agdOut *Writer
	vmIn   *Reader
	vmOut  *Writer
}

func open(t *testing.T) *ends {
	t.Helper()
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	agdPipeIn, vmPipeOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	vmPipeIn, agdPipeOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	e := &ends{memory: m}
	e.agdIn, e.agdOut = Streams(agdPipeIn, agdPipeOut, m, "agvm")
	e.vmOut = &Writer{pipe: vmPipeOut, ring: m.fromPeer("from agd"), atBoundary: true}
	e.vmIn = newReader(vmPipeIn, m.toPeer("from agd"), m.fromPeer("from agd").processor, func() error { return nil })
	t.Cleanup(func() {
		for _, c := range []io.Closer{e.agdIn, e.agdOut, e.vmIn, e.vmOut} {
			_ = c.Close()
		}
		_ = m.Close()
	})
	return e
}

// share switches the VM to the memory, as after the handshake.
func (e *ends) share(t *testing.T) {
	t.Helper()
	if err := e.vmOut.share(); err != nil {
		t.Fatal(err)
	}
	exchange(t, e.vmOut, e.agdIn, []byte("shared\n"))
	exchange(t, e.agdOut, e.vmIn, []byte("shared\n"))
	if !e.agdIn.Shared() || !e.vmIn.Shared() {
		t.Fatal("not in the memory")
	}
}

func exchange(t *testing.T, w *Writer, r *Reader, p []byte) {
	t.Helper()
	wrote := make(chan error, 1)
	go func() { _, err := w.Write(p); wrote <- err }()
	got := make([]byte, len(p))
	if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, p) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
}

func wantFault(t *testing.T, err error, text string) {
	t.Helper()
	var protocol *bridge.ProtocolError
	if !errors.As(err, &protocol) || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want a protocol error: %s", err, text)
	}
}

func TestAStreamBeginsInThePipeAndGoesOnInTheMemory(t *testing.T) {
	e := open(t)
	exchange(t, e.agdOut, e.vmIn, []byte("hello\n"))
	e.share(t)
	large := make([]byte, 5*RingBytes+7)
	_, _ = rand.Read(large)
	exchange(t, e.vmOut, e.agdIn, large)
	exchange(t, e.agdOut, e.vmIn, large)
	for n := range 1000 {
		exchange(t, e.vmOut, e.agdIn, large[:n+1])
		exchange(t, e.agdOut, e.vmIn, large[n:n+7])
	}
}

func TestAReaderThatSleepsIsWoken(t *testing.T) {
	e := open(t)
	e.share(t)
	for range 20 {
		read := make(chan error, 1)
		go func() { _, err := e.agdIn.Read(make([]byte, 1)); read <- err }()
		for e.agdIn.ring.state.Load() != asleep {
			time.Sleep(time.Millisecond)
		}
		start := time.Now()
		if n := e.vmOut.TryWrite([]byte("x")); n != 1 {
			t.Fatal(n)
		}
		if err := <-read; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took >= recheck {
			t.Errorf("it woke by itself, after %v", took)
		}
	}
}

func TestAnEndWakesAReaderThatSleeps(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*ends)
		want error
	}{
		"the peer's": {func(e *ends) { e.vmOut.Close() }, io.EOF},
		"our own":    {func(e *ends) { e.agdIn.Close() }, os.ErrClosed},
	} {
		e := open(t)
		e.share(t)
		read := make(chan error, 1)
		go func() { _, err := e.agdIn.Read(make([]byte, 1)); read <- err }()
		for e.agdIn.ring.state.Load() != asleep {
			time.Sleep(time.Millisecond)
		}
		c.end(e)
		if err := <-read; !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWhatWasWrittenBeforeTheEndIsRead(t *testing.T) {
	e := open(t)
	e.share(t)
	_ = e.vmOut.TryWrite([]byte("last words"))
	_ = e.vmOut.Close()
	if got, err := io.ReadAll(e.agdIn); string(got) != "last words" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTheFirstWordsOfAVMThatIsGoneAlreadyAreRead(t *testing.T) {
	e := open(t)
	_ = e.vmOut.share()
	_ = e.vmOut.TryWrite([]byte("hello and goodbye"))
	_ = e.vmOut.Close()
	_ = e.vmIn.Close()
	if got, err := io.ReadAll(e.agdIn); string(got) != "hello and goodbye" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAWriteToAFullRingHasADeadline(t *testing.T) {
	e := open(t)
	e.share(t)
	_ = e.agdOut.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
	n, err := e.agdOut.Write(make([]byte, RingBytes+1))
	if n != RingBytes || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("wrote %d, %v", n, err)
	}
	if unread := e.agdOut.Unread(); unread != RingBytes {
		t.Errorf("%d unread", unread)
	}
}

func TestACorruptRingIsAProtocolError(t *testing.T) {
	const text = "a ring in shared memory holds more than its size"
	e := open(t)
	e.share(t)
	e.agdIn.ring.tail.Add(RingBytes + 1)
	_, err := e.agdIn.Read(make([]byte, 1))
	wantFault(t, err, text)
	e.agdOut.ring.head.Add(1)
	_, err = e.agdOut.Write(make([]byte, RingBytes))
	wantFault(t, err, text)
}

func TestAnAbsurdHeadIsFoundWhileThereIsRoom(t *testing.T) {
	const text = "a ring in shared memory holds more than its size"
	e := open(t)
	e.share(t)
	read := make(chan error, 1)
	go func() { _, err := e.agdIn.Read(make([]byte, 1)); read <- err }()
	for e.agdIn.ring.state.Load() != asleep {
		time.Sleep(time.Millisecond)
	}
	e.agdOut.ring.head.Add(RingBytes + 1)
	futexWake(e.agdIn.ring.bell) // a spurious wake, so that the reader need not sleep for recheck
	wantFault(t, <-read, text)

	e = open(t)
	e.share(t)
	e.agdOut.ring.head.Add(RingBytes + 1)
	for range mostUnchecked - 1 {
		_ = e.agdOut.TryWrite([]byte("\n"))
	}
	_, err := e.agdOut.Write([]byte("\n"))
	wantFault(t, err, text)
}

func TestAByteInThePipeAfterTheMarkIsAProtocolError(t *testing.T) {
	const text = "from agvm: bytes in the pipe after the stream switched to shared memory"
	for name, waits := range map[string]bool{"while agd sleeps": true, "before it reads": false} {
		t.Run(name, func(t *testing.T) {
			e := open(t)
			e.share(t)
			read := make(chan error, 1)
			if !waits {
				_, _ = e.vmOut.pipe.Write([]byte{'\n'})
				e.agdIn.watch.Wait()
			}
			go func() { _, err := e.agdIn.Read(make([]byte, 1)); read <- err }()
			if waits {
				for e.agdIn.ring.state.Load() != asleep {
					time.Sleep(time.Millisecond)
				}
				_, _ = e.vmOut.pipe.Write([]byte{'\n'})
			}
			wantFault(t, <-read, text)
		})
	}
}

func TestAMarkInTheMiddleOfAFrameIsAProtocolError(t *testing.T) {
	const text = "from agvm: switched to shared memory in the middle of a frame"
	e := open(t)
	_, _ = e.vmOut.pipe.Write([]byte{'\n', '{', Marker})
	_, err := e.agdIn.Read(make([]byte, 10))
	wantFault(t, err, text)

	e = open(t)
	exchange(t, e.vmOut, e.agdIn, []byte("{"))
	_, _ = e.vmOut.pipe.Write([]byte{Marker})
	_, err = e.agdIn.Read(make([]byte, 10))
	wantFault(t, err, text)
}

func TestAPeerThatGoesOverTooEarlyIsRefused(t *testing.T) {
	e := open(t)
	_ = e.agdOut.TryWrite([]byte("half a fra"))
	_ = e.vmOut.share()
	_, err := e.agdIn.Read(make([]byte, 1))
	wantFault(t, err, "before it had read the pipe")

	e = open(t)
	_, _ = e.vmOut.pipe.Write([]byte{Marker, '{'})
	_, err = e.agdIn.Read(make([]byte, 10))
	wantFault(t, err, "bytes in the pipe after")
}

func TestNobodyCanChangeTheSize(t *testing.T) {
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, size := range []int64{0, 2 * fileBytes} {
		if err := m.File().Truncate(size); err == nil {
			t.Errorf("its size is %d now", size)
		}
	}
}
