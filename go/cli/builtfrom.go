package cli

import (
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// gitTags are the tags of the commit that agd is built from, separated by
// commas. The linker sets them (Makefile).
var gitTags string

// commitTime is the time of the commit that agd is built from, in seconds since
// 1970. The linker sets it (Makefile).
var commitTime string

// builtAt returns the time of the commit that agd is built from; zero: unknown.
func builtAt() time.Time {
	seconds, err := strconv.ParseInt(commitTime, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

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
