package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/version"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/options"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// versionCommand extends the SDK's command: --long also prints the versions of
// Node.js, the kernel and the bridge.
func versionCommand(host Host) *cobra.Command {
	cmd := version.NewVersionCommand()
	cmd.Short = "Print agd's version; with --long those of Node.js, the kernel and the bridge"
	cmd.Example = "agd version\nagd version --long\nagd version --long --output json"
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if long, err := cmd.Flags().GetBool("long"); err != nil || !long {
			return run(cmd, args)
		}
		about, err := supervisor.AskAbout(cmd.Context(), host.Files, "")
		cmd.SetContext(context.WithValue(cmd.Context(), version.ContextKey{}, extraVersions(about, err)))
		return run(cmd, args)
	}
	return cmd
}

// extraVersions are the versions of Node.js, kernel and bridge; err is the
// reason why the VM could not be described.
func extraVersions(about supervisor.About, err error) version.ExtraInfo {
	extra := version.ExtraInfo{
		"bridge_protocol": strconv.Itoa(bridge.ProtocolVersion),
		"transports":      strings.Join([]string{"memory (in-process)", options.TransportShm, options.TransportPipe}, ", "),
	}
	if err != nil {
		extra["node"], extra["kernel"] = "unknown: "+err.Error(), "unknown"
		return extra
	}
	extra["node"] = fmt.Sprintf("%s (%s)", about.Node, about.Path)
	var packages []string
	for _, name := range slices.Sorted(maps.Keys(about.Packages)) {
		packages = append(packages, name+"@"+about.Packages[name])
	}
	extra["kernel"] = strings.Join(packages, ", ")
	if about.Kernel != "" {
		extra["kernel"] = "unknown: " + about.Kernel
	}
	return extra
}
