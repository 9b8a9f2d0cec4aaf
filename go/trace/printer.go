package trace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Options configure a Printer.
type Options struct {
	// Out receives the trace, Notes the problems of the file.
	Out, Notes io.Writer
	// Name is the file's name in notes.
	Name string
	// Width returns the longest line in characters; 0 for any length. It is
	// called for each line.
	Width func() int
	// JSON prints JSON lines instead.
	JSON bool
	// Methods, if any, are patterns of path.Match: frames of other methods are
	// omitted.
	Methods []string
	// Blocks are those whose frames are printed.
	Blocks Blocks
}

// Printer is a Sink that prints a trace. For one goroutine.
type Printer struct {
	options Options
	out     *bufio.Writer
	reader  Reader
	day     string
	run     int
	where   func(line int) string
	// entries, shown and skipped count lines: shown are those in Options.Blocks.
	entries, shown, skipped int
	seen                    seenBlocks
	// matched counts frames of the wanted methods; others are methods that were
	// not wanted, while none was.
	matched int
	others  map[string]struct{}
}

// mostOthers bounds the methods that a note names.
const mostOthers = 12

// mostSkipped is the number of lines that are skipped in search of the first one
// of a trace.
const mostSkipped = 10

var _ Sink = (*Printer)(nil)

// NewPrinter returns an error for an invalid pattern.
func NewPrinter(options Options) (*Printer, error) {
	for _, pattern := range options.Methods {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("%q is not a pattern such as vstorage.*: %w", pattern, err)
		}
	}
	return &Printer{options: options, out: bufio.NewWriterSize(options.Out, 64<<10)}, nil
}

// Locate sets the function that names the file and the line in it of a line of
// the whole trace (Input.Where).
func (p *Printer) Locate(where func(line int) string) { p.where = where }

// Line implements Sink.
func (p *Printer) Line(text []byte, complete bool, err error) error {
	var e Entry
	if err != nil {
		e.Line = p.reader.Skip()
	} else {
		e, err = p.reader.Read(text)
	}
	if err != nil && !complete {
		err = errors.New("incomplete: the writer is still running, or it ended here")
	}
	if err != nil {
		p.skipped++
		if p.entries == 0 && p.skipped > mostSkipped {
			return fmt.Errorf("%s is no trace: none of its first %d lines is one of a trace", p.options.Name, mostSkipped)
		}
		return p.note(e.Line, err)
	}
	p.entries++
	p.seen.add(e)
	if !p.options.Blocks.Has(e.Height) {
		return nil
	}
	wanted := p.wants(e.Method)
	if e.Kind != Heading {
		p.shown++
		p.match(e.Method, wanted)
	}
	if !p.options.JSON {
		if err := p.head(e); err != nil {
			return err
		}
	}
	if !wanted {
		return nil
	}
	if p.options.JSON {
		line, err := FormatJSON(e)
		if err == nil {
			_, err = p.out.Write(line)
		}
		return err
	}
	return p.print(Format(e, p.options.Width()))
}

// Restarted implements Sink.
func (p *Printer) Restarted() error {
	p.reader.Restart()
	return p.note(0, errors.New("the file was truncated or replaced: reading continues from its new beginning"))
}

// Idle implements Sink.
func (p *Printer) Idle() error { return p.out.Flush() }

// End prints what is known only at the end of the trace.
func (p *Printer) End() error {
	if p.entries == 0 && p.skipped > 0 {
		return fmt.Errorf("%s is no trace: none of its lines is one of a trace", p.options.Name)
	}
	if !p.options.JSON && p.options.Blocks.Has(p.reader.height) {
		if err := p.lost(p.reader.Unanswered()); err != nil {
			return err
		}
	}
	if p.options.Blocks != (Blocks{}) && p.shown == 0 && p.entries > 0 {
		return p.note(0, fmt.Errorf("no frame%s: %s", p.options.Blocks, p.seen))
	}
	if p.shown > 0 && p.matched == 0 {
		names := slices.Sorted(maps.Keys(p.others))
		return p.note(0, fmt.Errorf("no frame of method %s%s: there are %s",
			strings.Join(p.options.Methods, " or "), p.options.Blocks, strings.Join(names, ", ")))
	}
	return p.out.Flush()
}

// match counts a frame for the note that no method was a wanted one.
func (p *Printer) match(method string, wanted bool) {
	switch {
	case wanted:
		p.matched, p.others = p.matched+1, nil
	case p.matched == 0 && method != "" && len(p.others) < mostOthers:
		if p.others == nil {
			p.others = map[string]struct{}{}
		}
		p.others[method] = struct{}{}
	}
}

// head prints a heading where another run or another day begins.
func (p *Printer) head(e Entry) error {
	if err := p.lost(e.Lost); err != nil {
		return err
	}
	day := e.Time.UTC().Format(time.DateOnly)
	if day == p.day && e.Run == p.run {
		return nil
	}
	p.day, p.run = day, e.Run
	title := "── " + day + " UTC"
	if e.Run > 0 {
		title += fmt.Sprintf(", run %d", e.Run)
	}
	return p.print(shorten(title, nil, p.options.Width()))
}

func (p *Printer) lost(calls []Unanswered) error {
	for _, call := range calls {
		if !p.wants(call.Method) {
			continue
		}
		text := fmt.Sprintf("── no answer to %s→%s #%d %s of line %d", call.From, peerOf(call.From), call.ID, call.Method, call.Line)
		if err := p.print(shorten(text, nil, p.options.Width())); err != nil {
			return err
		}
	}
	return nil
}

func (p *Printer) wants(method string) bool {
	for _, pattern := range p.options.Methods {
		if matched, _ := path.Match(pattern, method); matched {
			return true
		}
	}
	return len(p.options.Methods) == 0
}

func (p *Printer) print(line string) error {
	_, err := p.out.WriteString(line + "\n")
	return err
}

// note prints a note after all earlier output.
func (p *Printer) note(line int, err error) error {
	if err := p.out.Flush(); err != nil {
		return err
	}
	where := p.options.Name
	switch {
	case line > 0 && p.where != nil:
		where = p.where(line) + ": skipped"
	case line > 0:
		where = fmt.Sprintf("%s:%d: skipped", where, line)
	}
	_, failed := fmt.Fprintf(p.options.Notes, "%s: %s\n", where, shorten(err.Error(), nil, 0))
	return failed
}
