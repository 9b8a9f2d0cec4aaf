package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// width is the number of columns of a report.
const width = 80

// Columns of the verdict and of the text of a check.
const verdictColumn, textColumn = 2, 25

var colours = map[Verdict]string{OK: "\x1b[32m", Warn: "\x1b[33m", Fail: "\x1b[1;31m"}

// Print writes the report for people, in lines of at most 80 columns unless a
// word is longer.
func (r Report) Print(out io.Writer, colour bool) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, home %s\n", r.Agd, r.Home)
	group := ""
	for _, check := range r.Checks {
		if check.Group != group {
			group = check.Group
			fmt.Fprintf(&text, "\n%s\n", group)
		}
		check.print(&text, colour)
	}
	fmt.Fprintf(&text, "\n%d ok, %d to look at (warn), %d to correct (fail)\n", r.Count(OK), r.Count(Warn), r.Count(Fail))
	_, err := io.WriteString(out, text.String())
	return err
}

func (f Finding) print(text *strings.Builder, colour bool) {
	verdict := fmt.Sprintf("%-5s", f.Verdict)
	if colour {
		verdict = colours[f.Verdict] + verdict + "\x1b[0m"
	}
	indent := strings.Repeat(" ", verdictColumn)
	nameWidth := textColumn - verdictColumn - len("fail  ")
	fmt.Fprintf(text, "%s%s %-*s", indent, verdict, nameWidth, f.Name)
	next := strings.Repeat(" ", textColumn)
	if utf8.RuneCountInString(f.Name) >= nameWidth {
		text.WriteString("\n" + next)
	}
	text.WriteString(strings.Join(wrapped(f.Found), "\n"+next) + "\n")
	if f.Do != "" {
		text.WriteString(next + strings.Join(wrapped("→ "+f.Do), "\n"+next+"  ") + "\n")
	}
}

// wrapped breaks a text into lines that fit beside the columns.
func wrapped(text string) []string {
	const room = width - textColumn - 2
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > room:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// PrintJSON writes the report for programs.
func (r Report) PrintJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
