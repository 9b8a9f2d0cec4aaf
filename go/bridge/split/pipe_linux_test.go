package split

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

func openPipe(t *testing.T) (r io.ReadCloser, w *os.File) {
	t.Helper()
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r = newPipeReader(in)
	if _, is := r.(*pipeReader); !is {
		t.Fatalf("a pipe is read by %T", r)
	}
	t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
	return r, w
}

func TestClosingEndsARead(t *testing.T) {
	for range 200 {
		r, _ := openPipe(t)
		ended := make(chan error, 1)
		go func() { _, err := r.Read(make([]byte, 10)); ended <- err }()
		time.Sleep(time.Duration(time.Now().UnixNano()%100) * time.Microsecond) // before or during the read
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, os.ErrClosed) {
			t.Fatal(err)
		}
		if _, err := r.Read(nil); !errors.Is(err, os.ErrClosed) {
			t.Fatal(err)
		}
	}
}

func TestClosingAFullPipeDoesNotBlock(t *testing.T) {
	r, w := openPipe(t)
	_ = w.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := w.Write(make([]byte, 1<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func TestThePipesEndIsTheWritersEnd(t *testing.T) {
	r, w := openPipe(t)
	_, _ = w.WriteString("last")
	_ = w.Close()
	got, err := io.ReadAll(r)
	if string(got) != "last" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatIsNoPipeIsLeftAsItIs(t *testing.T) {
	conn, other := net.Pipe()
	defer other.Close()
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []io.ReadCloser{conn, file} {
		if got := newPipeReader(in); got != in {
			t.Errorf("%T became %T", in, got)
		}
		_ = in.Close()
	}
}
