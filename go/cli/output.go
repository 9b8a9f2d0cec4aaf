package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/internal/panics"
	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/internal/visible"
	"github.com/agd-bridge/agd-bridge/go/vmproc"
)

// printLine writes one line of a command's own output.
func printLine(out io.Writer, text string) error {
	_, err := fmt.Fprintln(out, text)
	return err
}

// printLastWords prints an error on one line. The VM's last output precedes it
// if the VM's end is the reason; so does the stack of a panic, with --trace. home
// is the directory that hints at commands name, "" for none.
func printLastWords(out io.Writer, err error, home string) {
	var vm *vmproc.Error
	if errors.As(err, &vm) {
		for _, line := range vm.Said {
			fmt.Fprintf(out, "agvm: %s\n", strings.TrimPrefix(line, "agvm: "))
		}
	}
	var thrown *panics.Error
	if errors.As(err, &thrown) {
		_, _ = out.Write(thrown.Stack)
	}
	fmt.Fprintf(out, "agd: %s\n", shell.Hints(oneLine(err), home))
}

// maxErrorBytes bounds the printed text of an error, which may come from the
// VM.
const maxErrorBytes = 16 << 10

// oneLine makes an error fit on one line. It removes colons without text after
// them, and escapes control characters, because the text may come from the VM.
func oneLine(err error) string {
	text, more := unwrapped(err.Error()), ""
	if len(text) > maxErrorBytes {
		text, more = text[:maxErrorBytes], fmt.Sprintf("… (%d bytes)", len(text))
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(strings.TrimSpace(line), ": "); line != "" {
			lines = append(lines, visible.Text(line))
		}
	}
	return strings.Join(lines, "; ") + more
}
