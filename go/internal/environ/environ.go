// Package environ reads and changes an environment that is passed along as a
// list of NAME=VALUE, as os.Environ has it.
package environ

import (
	"slices"
	"strings"
)

// Get is the value of an environment's variable, "" without one. The last
// of several holds, as in os/exec.
func Get(env []string, name string) string {
	value, _ := Lookup(env, name)
	return value
}

// With returns the environment with one variable set.
func With(env []string, name, value string) []string {
	var other []string
	for _, entry := range env {
		if !strings.HasPrefix(entry, name+"=") {
			other = append(other, entry)
		}
	}
	return append(other, name+"="+value)
}

// Lookup is Get, and tells a variable that is set and empty from one that is
// not set.
func Lookup(env []string, name string) (value string, found bool) {
	for _, entry := range slices.Backward(env) {
		if value, found = strings.CutPrefix(entry, name+"="); found {
			return value, true
		}
	}
	return "", false
}
