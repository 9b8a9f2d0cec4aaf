package options

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/swingstore"
)

// Flags of `agd export` that are not the SDK's.
const (
	FlagExportDir      = "export-dir"
	FlagSwingStoreMode = "swing-store-export-mode"
)

// SwingStoreSkip leaves the kernel out of an export.
const SwingStoreSkip swingstore.Mode = "skip"

// ExportedGenesis is the name of the genesis in an export's directory.
const ExportedGenesis = "genesis.json"

// Export describes a requested export.
type Export struct {
	Dir    string // absolute; empty: no directory
	Mode   swingstore.Mode
	Height int64
}

var exportModes = []swingstore.Mode{
	SwingStoreSkip, swingstore.ModeOperational, swingstore.ModeReplay, swingstore.ModeArchival, swingstore.ModeDebug,
}

// AddExportFlags adds the flags of export that are not the SDK's.
func AddExportFlags(cmd *cobra.Command) {
	AddKernelFlags(cmd)
	cmd.Flags().String(FlagExportDir, "", "Export the chain's state and the kernel's store to this directory, which must be empty or absent")
	cmd.Flags().String(FlagSwingStoreMode, string(swingstore.ModeOperational), "How much of the kernel's history to write to --export-dir (skip|operational|replay|archival|debug)")
}

// ExportOf returns the requested export. args is the command line.
func ExportOf(v *viper.Viper, args []string) (Export, error) {
	given := Export{Mode: swingstore.Mode(v.GetString(FlagSwingStoreMode)), Height: v.GetInt64(server.FlagHeight)}
	if !slices.Contains(exportModes, given.Mode) {
		return given, fmt.Errorf("--%s: there is no %q; there are %s", FlagSwingStoreMode, given.Mode, strings.Trim(fmt.Sprint(exportModes), "[]"))
	}
	dir := v.GetString(FlagExportDir)
	if dir == "" {
		// Only the command line counts: environment and app.toml may choose a mode
		// for other commands.
		for _, arg := range args {
			name, _, _ := strings.Cut(arg, "=")
			if slices.Contains([]string{"--" + FlagSwingStoreMode, "--" + FlagSplit, "--" + FlagSplitVM}, name) {
				return given, fmt.Errorf("%s is for exports with --%s: other exports do not include the kernel", name, FlagExportDir)
			}
		}
		return given, nil
	}
	if v.GetString(flags.FlagOutputDocument) != "" {
		return given, fmt.Errorf("--%s and --%s exclude each other: the genesis is %s in the directory", FlagExportDir, flags.FlagOutputDocument, ExportedGenesis)
	}
	if given.Mode != SwingStoreSkip {
		if v.GetBool(server.FlagForZeroHeight) {
			return given, fmt.Errorf("--%s is not supported: the kernel's state cannot start over at height 0", server.FlagForZeroHeight)
		}
		if len(v.GetStringSlice(server.FlagModulesToExport)) > 0 {
			return given, fmt.Errorf("--%s leaves out what belongs to the kernel's state: add --%s=%s", server.FlagModulesToExport, FlagSwingStoreMode, SwingStoreSkip)
		}
	}
	var err error
	given.Dir, err = filepath.Abs(dir)
	return given, err
}
