//go:build !unix

package swingstore

import (
	"fmt"
	"os"
	"runtime"
)

// vmDir is a directory that the VM made, on systems on which no VM runs.
type vmDir struct{ file *os.File }

var errNoVM = fmt.Errorf("the kernel's store needs Linux: this is %s", runtime.GOOS)

func openVMDir(string) (*vmDir, error) { return nil, errNoVM }

func (*vmDir) close() error { return nil }

func (*vmDir) open(string) (file *os.File, size int64, err error) { return nil, 0, errNoVM }

func (*vmDir) create(string) (*os.File, error) { return nil, errNoVM }
