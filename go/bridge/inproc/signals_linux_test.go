package inproc

import (
	"os"
	"syscall"
	"testing"
)

func TestSignalsComeInTheirOrder(t *testing.T) {
	fds := make([]int, 2)
	if err := syscall.Pipe2(fds, syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	signals := Signals(fds[0])
	sent := []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGTERM}
	for _, signal := range sent {
		if _, err := syscall.Write(fds[1], []byte{byte(signal.(syscall.Signal))}); err != nil {
			t.Fatal(err)
		}
	}
	defer syscall.Close(fds[1])
	for _, want := range sent {
		if got := <-signals; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
