package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/traceview"
)

// check returns an error for flags that exclude each other.
func (o traceOptions) check(cmd *cobra.Command) error {
	files := o.perfetto != "" || o.html != ""
	if o.redact != "" {
		for _, name := range []string{"perfetto", "html", "from", "to"} {
			if cmd.Flags().Changed(name) {
				return fmt.Errorf("--%s and --redact exclude each other: run agd bridge trace twice", name)
			}
		}
	}
	if err := checkBlocks(o.blocks); err != nil {
		return err
	}
	switch {
	case o.width < 0:
		return errors.New("--width must not be negative")
	case o.slog != "" && o.perfetto == "":
		return errors.New("--slog needs --perfetto")
	case o.redactKey != "" && o.redact == "":
		return errors.New("--redact-key needs --redact")
	case o.perfetto != "" && o.html != "":
		return errors.New("--perfetto and --html exclude each other: run agd bridge trace twice")
	}
	for _, name := range []string{"follow", "json", "width", "method"} {
		if (files || o.redact != "") && cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s is for printing: it excludes --perfetto, --html and --redact", name)
		}
	}
	return nil
}

// redactTrace writes a trace for others.
func redactTrace(cmd *cobra.Command, file string, o traceOptions) error {
	input, err := openTrace(cmd, file)
	if err != nil {
		return err
	}
	defer input.Close()
	if err := checkOutput("redact", o.redact, file, ""); err != nil {
		return err
	}
	key := []byte(o.redactKey)
	if len(key) == 0 {
		key = []byte(rand.Text())
	}
	return writeFile("redact", o.redact, func(out io.Writer) error {
		return trace.Redact(out, input, trace.Redactor{Key: key, Where: input.Where, Note: notes(cmd)}, strings.HasSuffix(o.redact, trace.CompressedSuffix))
	})
}

// showTrace writes a time line or a page of a whole trace.
func showTrace(cmd *cobra.Command, file string, o traceOptions) error {
	input, err := openTrace(cmd, file)
	if err != nil {
		return err
	}
	defer input.Close()
	for flag, path := range map[string]string{"html": o.html, "perfetto": o.perfetto} {
		if err := checkOutput(flag, path, file, o.slog); err != nil {
			return err
		}
	}
	note := notes(cmd)
	if o.html != "" {
		return writeFile("html", o.html, func(out io.Writer) error {
			return traceview.WritePage(out, input, file, o.blocks, note)
		})
	}
	return writeFile("perfetto", o.perfetto, func(out io.Writer) error {
		return writeTimeline(out, input, file, o, note)
	})
}

func writeTimeline(out io.Writer, input *trace.Input, file string, o traceOptions, note func(string)) error {
	slogFile := o.slog
	timeline := traceview.NewTimeline(out, input.Where, note)
	timeline.Limit(o.blocks)
	if err := trace.ReadAll(input, timeline.Sink()); err != nil {
		return err
	}
	if timeline.Empty() {
		note(fmt.Sprintf("%s has no frames%s: the time line is empty", file, o.blocks))
	}
	if slogFile != "" {
		slog, err := trace.OpenInput(slogFile, nil)
		if err != nil {
			return fmt.Errorf("--slog: %w", err)
		}
		defer slog.Close()
		found, err := timeline.Slog(slog, slogFile)
		if err != nil {
			return err
		}
		if found == 0 {
			note(slogFile + " has no delivery at the time of the trace")
		}
	}
	return timeline.End()
}

// checkOutput refuses to write over what is read: a file of the trace, or the
// slog.
func checkOutput(flag, path, file, slog string) error {
	written, err := os.Stat(path)
	if path == "" || err != nil {
		return nil
	}
	inputs, err := trace.Files(file)
	if err != nil {
		return err
	}
	for _, name := range append(inputs, slog) {
		if read, err := os.Stat(name); err == nil && os.SameFile(read, written) {
			return fmt.Errorf("--%s: %s is read for it, and would be overwritten: name another file", flag, path)
		}
	}
	return nil
}

// writeFile writes a file by a function, and removes what is incomplete. Only the
// user can read it, as a trace.
func writeFile(flag, path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	err = write(file)
	if closed := file.Close(); err == nil && closed != nil {
		err = fmt.Errorf("--%s: %w", flag, closed)
	}
	if info, failed := os.Lstat(path); err != nil && failed == nil && info.Mode().IsRegular() {
		_ = os.Remove(path)
	}
	return err
}
