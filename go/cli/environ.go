package cli

import (
	"slices"
	"strings"
)

// variable is the value of an environment's variable, "" without one. The last
// of several holds, as in os/exec.
func variable(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
}

// withEnv returns the environment with one variable set.
func withEnv(env []string, name, value string) []string {
	var other []string
	for _, entry := range env {
		if !strings.HasPrefix(entry, name+"=") {
			other = append(other, entry)
		}
	}
	return append(other, name+"="+value)
}
