package trace

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Names of the flight recorder's files: crashPrefix, a time, crashSuffix.
const (
	crashPrefix = "bridge-crash-"
	crashSuffix = ".jsonl" + CompressedSuffix
	crashTime   = "20060102T150405.000Z"
	// partSuffix ends the name of a file that is not complete.
	partSuffix = ".part"
)

// ErrNoRecorder is the error of WriteCrash without a recorder.
var ErrNoRecorder = errors.New("no flight recorder")

// WriteCrash writes the recorder's frames to a new file in a directory, and
// removes all but the newest files there, keep in number. It returns the file's
// path.
func (t *Tracer) WriteCrash(dir, reason string, keep int) (string, error) {
	t.mu.Lock()
	recorder, heads := t.recorder, slices.Clone(t.heads)
	t.mu.Unlock()
	if recorder == nil {
		return "", ErrNoRecorder
	}
	t.crash.Lock()
	defer t.crash.Unlock()
	now := time.Now().UTC()
	path := filepath.Join(dir, crashPrefix+now.Format(crashTime)+crashSuffix)
	heads = append(heads, Head{Trace: FormatVersion, Reason: reason})
	if err := writeCrash(path, now, heads, recorder.snapshot()); err != nil {
		return "", err
	}
	return path, dropOldest(dir, keep)
}

func writeCrash(path string, now time.Time, heads []Head, frames recorded) (err error) {
	part := path + partSuffix
	file, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err == nil {
			err = os.Rename(part, path)
		}
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	encoder, err := newEncoder(file)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(encoder)
	for _, head := range heads {
		if _, err := out.Write(headLine(now, head)); err != nil {
			return err
		}
	}
	var line []byte
	put := func(at time.Time, from side, frame []byte) error {
		line = appendFrame(line[:0], at, from, frame)
		_, err := out.Write(line)
		return err
	}
	err = each(frames.opening, put)
	if err == nil && frames.gap {
		_, err = out.Write(headLine(now, Head{Trace: FormatVersion, Gap: true}))
	}
	if err == nil {
		err = each(frames.last, put)
	}
	return errors.Join(err, out.Flush(), encoder.Close())
}

// dropOldest removes the oldest files of flight recorders, and those that an agd
// did not complete because it was killed. Their names sort by time.
func dropOldest(dir string, keep int) error {
	pattern := filepath.Join(escapeGlob(dir), crashPrefix+"*"+crashSuffix)
	files, err := filepath.Glob(pattern)
	parts, partsErr := filepath.Glob(pattern + partSuffix)
	err = errors.Join(err, partsErr)
	for _, file := range append(parts, files[:max(0, len(files)-keep)]...) {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// escapeGlob returns a pattern that matches the path alone.
func escapeGlob(path string) string {
	var pattern []rune
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			pattern = append(pattern, '\\')
		}
		pattern = append(pattern, r)
	}
	return string(pattern)
}
