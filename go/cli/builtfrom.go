package cli

import (
	"runtime/debug"
	"strings"
)

// gitTags are the tags of the commit that agd is built from, separated by
// commas. The linker sets them (Makefile).
var gitTags string

// buildTags returns the Go build tags that agd is built with, separated by
// commas. cgo is one of them; without it agd has no in-process mode.
func buildTags() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return tagsOf(info.Settings)
}

func tagsOf(settings []debug.BuildSetting) string {
	var tags []string
	for _, setting := range settings {
		switch {
		case setting.Key == "-tags" && setting.Value != "":
			tags = append(tags, setting.Value)
		case setting.Key == "CGO_ENABLED" && setting.Value == "1":
			tags = append(tags, "cgo")
		}
	}
	return strings.Join(tags, ",")
}
