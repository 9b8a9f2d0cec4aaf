package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/agd-bridge/agd-bridge/go/trace"
	"github.com/agd-bridge/agd-bridge/go/traceview"
)

// check returns an error for flags that exclude each other.
func (o traceOptions) check(cmd *cobra.Command) error {
	files := o.perfetto != "" || o.html != ""
	switch {
	case o.width < 0:
		return errors.New("--width must not be negative")
	case o.slog != "" && o.perfetto == "":
		return errors.New("--slog needs --perfetto")
	case o.perfetto != "" && o.html != "":
		return errors.New("--perfetto and --html exclude each other: run agd bridge trace twice")
	}
	for _, name := range []string{"follow", "json", "width", "method"} {
		if files && cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s is for printing: it excludes --perfetto and --html", name)
		}
	}
	return nil
}

// showTrace writes a time line or a page of a whole trace.
func showTrace(cmd *cobra.Command, file string, o traceOptions) error {
	input, err := openTrace(cmd, file)
	if err != nil {
		return err
	}
	defer input.Close()
	note := func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
	if o.html != "" {
		return writeFile("html", o.html, func(out io.Writer) error {
			return traceview.WritePage(out, input, file, note)
		})
	}
	return writeFile("perfetto", o.perfetto, func(out io.Writer) error {
		return writeTimeline(out, input, o.slog, note)
	})
}

func writeTimeline(out io.Writer, input *trace.Input, slogFile string, note func(string)) error {
	timeline := traceview.NewTimeline(out, input.Where, note)
	if err := trace.ReadAll(input, timeline.Sink()); err != nil {
		return err
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

// writeFile writes a file by a function, and removes what is incomplete.
func writeFile(flag, path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
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
