package trace

import (
	"encoding/json"
	"fmt"
)

// FormatVersion is the version of a trace's format, which its heads name.
const FormatVersion = 1

// Head describes the run that a trace is of: a line {"time","head"}, at the
// start of each run. A later head of the same run adds to it. Empty members are
// not known.
type Head struct {
	// Trace is the FormatVersion of the writer.
	Trace int `json:"trace"`
	// Agd and VM are the software of the two sides, as "agd 0.1.0", and Go the
	// version of Go.
	Agd string `json:"agd,omitempty"`
	VM  string `json:"vm,omitempty"`
	Go  string `json:"go,omitempty"`
	// Mode is in-process or split, and Transport the one in use.
	Mode      string `json:"mode,omitempty"`
	Transport string `json:"transport,omitempty"`
	// Options are agd's own options that change how the kernel runs.
	Options map[string]any `json:"options,omitempty"`
	// Genesis is the SHA-256 of the genesis file, in hexadecimal.
	Genesis string `json:"genesis,omitempty"`
	// Height is the chain's last block at the start, and AppHash its app hash,
	// in hexadecimal, which covers the kernel's store.
	Height  int64  `json:"height,omitempty"`
	AppHash string `json:"appHash,omitempty"`
	// Reason is why a flight recorder's file was written.
	Reason string `json:"reason,omitempty"`
	// Gap: frames before this line are missing, because the flight recorder had
	// no room for them.
	Gap bool `json:"gap,omitempty"`
	// Redacted: the texts of the trace are tokens (Redactor).
	Redacted bool `json:"redacted,omitempty"`
}

// VersionError is a trace of a later format.
type VersionError struct{ Version int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("a trace of format %d: this agd reads format %d: use the agd that wrote it, or a later one", e.Version, FormatVersion)
}

// headOf reads a head.
func headOf(text json.RawMessage) (*Head, error) {
	var head Head
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("not a line of a trace: head: %w", err)
	}
	if head.Trace > FormatVersion {
		return nil, &VersionError{head.Trace}
	}
	return &head, nil
}
