package swingset

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cast"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	pruningtypes "github.com/cosmos/cosmos-sdk/store/v2/pruning/types"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// Config is the section [swingset] of app.toml, with Agoric's names. It is the
// operator's choice and not part of consensus.
type Config struct {
	SlogFile                string `mapstructure:"slogfile"`
	MaxVatsOnline           int    `mapstructure:"max-vats-online"`
	VatSnapshotRetention    string `mapstructure:"vat-snapshot-retention"`
	VatTranscriptRetention  string `mapstructure:"vat-transcript-retention"`
	VatSnapshotArchiveDir   string `mapstructure:"vat-snapshot-archive-dir"`
	VatTranscriptArchiveDir string `mapstructure:"vat-transcript-archive-dir"`
}

// DefaultConfig returns the section of a new app.toml.
func DefaultConfig() Config {
	return Config{
		MaxVatsOnline:          50,
		VatSnapshotRetention:   retentionOperational,
		VatTranscriptRetention: retentionDefault,
	}
}

const (
	retentionDefault     = "default"
	retentionOperational = "operational"
	retentionDebug       = "debug"
	retentionArchival    = "archival"
)

// ConfigTemplate renders the section of app.toml from a field Swingset of type
// Config.
const ConfigTemplate = `
###############################################################################
###                         SwingSet Configuration                          ###
###############################################################################

[swingset]

# File of the kernel's log ("slog"). A relative path begins at the node's home.
# The environment variable SLOGFILE outranks it; that one begins at the working
# directory.
slogfile = "{{ .Swingset.SlogFile }}"

# Most vats that have a worker process at a time. Fewer take less memory, but
# bringing a vat back takes time.
max-vats-online = {{ .Swingset.MaxVatsOnline }}

# Which heap snapshots of vats are kept: "operational" (the last one of each)
# or "debug" (all).
vat-snapshot-retention = "{{ .Swingset.VatSnapshotRetention }}"

# Which transcript spans of vats are kept: "operational" (what a restart
# needs), "archival" (all), or "default" (archival if pruning is "nothing",
# else operational).
vat-transcript-retention = "{{ .Swingset.VatTranscriptRetention }}"

# Directories that get a compressed copy of each heap snapshot and each closed
# transcript span. When empty, none is made.
vat-snapshot-archive-dir = "{{ .Swingset.VatSnapshotArchiveDir }}"
vat-transcript-archive-dir = "{{ .Swingset.VatTranscriptArchiveDir }}"
`

// KernelConfig reads the section [swingset] of the options, for the kernel.
// Absent options have their defaults.
func KernelConfig(opts servertypes.AppOptions) (types.KernelConfig, error) {
	const section = types.ModuleName + "."
	text := func(key, absent string) string {
		if value := cast.ToString(opts.Get(section + key)); value != "" {
			return value
		}
		return absent
	}
	home := cast.ToString(opts.Get(flags.FlagHome))
	path := func(key string) string {
		value := text(key, "")
		if value == "" || filepath.IsAbs(value) {
			return value
		}
		return filepath.Join(home, value)
	}
	absent := DefaultConfig()
	config := types.KernelConfig{
		SlogFile:                path("slogfile"),
		MaxVatsOnline:           absent.MaxVatsOnline,
		VatSnapshotRetention:    text("vat-snapshot-retention", absent.VatSnapshotRetention),
		VatTranscriptRetention:  text("vat-transcript-retention", absent.VatTranscriptRetention),
		VatSnapshotArchiveDir:   path("vat-snapshot-archive-dir"),
		VatTranscriptArchiveDir: path("vat-transcript-archive-dir"),
	}
	if value := opts.Get(section + "max-vats-online"); value != nil {
		most, err := cast.ToIntE(value)
		if err != nil || most < 1 {
			return config, fmt.Errorf("%smax-vats-online must be a positive integer: %v", section, value)
		}
		config.MaxVatsOnline = most
	}
	if config.VatTranscriptRetention == retentionDefault {
		config.VatTranscriptRetention = retentionOperational
		if cast.ToString(opts.Get(server.FlagPruning)) == pruningtypes.PruningOptionNothing {
			config.VatTranscriptRetention = retentionArchival
		}
	}
	if err := oneOf(section+"vat-snapshot-retention", config.VatSnapshotRetention, retentionOperational, retentionDebug); err != nil {
		return config, err
	}
	return config, oneOf(section+"vat-transcript-retention", config.VatTranscriptRetention, retentionOperational, retentionArchival, retentionDefault)
}

func oneOf(option, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s must be one of %q: %q", option, allowed, value)
}
