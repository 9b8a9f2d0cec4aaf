//go:build !linux

package split

import "os/exec"

// dieWithParent does nothing: only Linux has a parent-death signal. The program
// sees the end of its pipe.
func dieWithParent(*exec.Cmd) {}
