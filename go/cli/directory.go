package cli

import (
	"errors"

	"github.com/spf13/pflag"
)

// directory is the value of a flag that names a directory. It refuses the empty
// one, which a script has when it forgets to set a variable: no default takes
// its place.
type directory struct{ path *string }

func (d directory) String() string {
	if d.path == nil { // pflag makes one to find out whether a default is zero
		return ""
	}
	return *d.path
}

// Type is that of any text: commands of the SDK read the flag as one.
func (directory) Type() string { return "string" }

func (d directory) Set(text string) error {
	if text == "" {
		return errors.New("expected a directory")
	}
	*d.path = text
	return nil
}

// addDirectory adds a flag that names a directory, whose value goes to path.
func addDirectory(set *pflag.FlagSet, path *string, name, initial, usage string) {
	*path = initial
	set.Var(directory{path}, name, usage)
}
