package jail

import (
	"slices"
	"strings"
)

// passed are the variables that the VM gets; a * matches any ending. All
// others, such as tokens and NODE_OPTIONS, are removed.
var passed = []string{
	"HOME", "PATH", "LANG", "LC_*", "TZ", "TMPDIR",
	// The bridge's own.
	"AGVM_*",
	// The kernel's: its sources and those of @endo read them.
	"CHAIN_BOOTSTRAP_VAT_CONFIG", "CONSOLE_INSPECT_DEPTH", "DEBUG",
	"END_BLOCK_SPIN_MS", "LOCKDOWN_*", "NODE_HEAP_SNAPSHOTS",
	"ONLY_WELL_FORMED_STRINGS_PASSABLE", "OTEL_EXPORTER_PROMETHEUS_*",
	"OTEL_RESOURCE_ATTRIBUTES", "SLOGFILE", "SLOGSENDER",
	"SLOGSENDER_*", "SLOG_*", "SWINGSET_*", "SWING_STORE_*", "TRACK_TURNS",
	"XSNAP_*",
}

// Environment returns the part of an environment, as in os.Environ, that the
// jail lets in.
func Environment(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !slices.ContainsFunc(passed, func(pattern string) bool {
			prefix, any := strings.CutSuffix(pattern, "*")
			return name == pattern || any && strings.HasPrefix(name, prefix)
		})
	})
}
