package shell

import (
	"regexp"
	"strings"
)

var marked = regexp.MustCompile("`([^`\n]+)`")

// Hints returns a message as a terminal shows it: a command that the message
// has between backquotes is in double quotes, and one of agd's has the home
// directory, unless home is "".
func Hints(message, home string) string {
	return marked.ReplaceAllStringFunc(message, func(text string) string {
		command := strings.Trim(text, "`")
		if home != "" && strings.HasPrefix(command, "agd ") && !strings.Contains(command, " --home") {
			command += " --home " + Quote(home)
		}
		return `"` + command + `"`
	})
}
