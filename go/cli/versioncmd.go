package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
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
		cmd.SetContext(context.WithValue(cmd.Context(), version.ContextKey{}, extraVersions(host.Files, about, err)))
		if deps, err := cmd.Flags().GetBool(flagDependencies); err != nil || deps {
			return errors.Join(err, run(cmd, args))
		}
		return withoutDependencies(cmd, func() error { return run(cmd, args) })
	}
	cmd.Flags().Bool(flagDependencies, false, "With --long, also list the Go modules that agd is built from")
	return cmd
}

// flagDependencies restores build_deps, some 240 lines, to `version --long`.
const flagDependencies = "dependencies"

// withoutDependencies runs the SDK's command, and prints its output without the
// member build_deps.
func withoutDependencies(cmd *cobra.Command, run func() error) error {
	out := cmd.OutOrStdout()
	var printed bytes.Buffer
	cmd.SetOut(&printed)
	if err := run(); err != nil {
		return err
	}
	if format, _ := cmd.Flags().GetString(flags.FlagOutput); strings.EqualFold(format, flags.OutputFormatJSON) {
		var info map[string]json.RawMessage
		if err := json.Unmarshal(printed.Bytes(), &info); err != nil {
			return err
		}
		delete(info, "build_deps")
		text, err := json.Marshal(info)
		if err != nil {
			return err
		}
		return printLine(out, string(text))
	}
	return printLine(out, strings.TrimSpace(dependencyList.ReplaceAllString(printed.String(), "")))
}

// dependencyList matches the member build_deps in YAML.
var dependencyList = regexp.MustCompile(`(?m)^build_deps:.*\n(?:[- ].*\n)*`)

// extraVersions are the versions of Node.js, kernel and bridge, and the commit's
// tags; err is the reason why the VM could not be described.
func extraVersions(files supervisor.Files, about supervisor.About, err error) version.ExtraInfo {
	transports := []string{options.TransportShm, options.TransportPipe}
	if files.Library != "" {
		transports = append([]string{"memory (in-process)"}, transports...)
	}
	extra := version.ExtraInfo{
		"bridge_protocol": strconv.Itoa(bridge.ProtocolVersion),
		"git_tags":        gitTags,
		"transports":      strings.Join(transports, ", "),
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
