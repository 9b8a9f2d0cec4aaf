package cli

import (
	"os"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

func TestBuildTagsIncludeCgo(t *testing.T) {
	for want, settings := range map[string][]debug.BuildSetting{
		"":         {{Key: "-tags", Value: ""}, {Key: "CGO_ENABLED", Value: "0"}},
		"cgo":      {{Key: "CGO_ENABLED", Value: "1"}},
		"next,cgo": {{Key: "-tags", Value: "next"}, {Key: "CGO_ENABLED", Value: "1"}, {Key: "GOARCH", Value: "amd64"}},
	} {
		if got := tagsOf(settings); got != want {
			t.Errorf("tagsOf(%v) = %q, want %q", settings, got, want)
		}
	}
}

func TestTheTimeOfTheCommitIsKnown(t *testing.T) {
	defer func(before string) { commitTime = before }(commitTime)
	for text, want := range map[string]time.Time{
		"1790000000": time.Unix(1790000000, 0),
		"":           {}, // a build without git
	} {
		commitTime = text
		require.Equal(t, want, builtAt(), text)
	}
}

func TestVersionsAreShownAlsoWithoutAVM(t *testing.T) {
	extra := extraVersions(supervisor.Files{}, supervisor.About{Node: "20.1.0", Path: "/n", Packages: map[string]string{"b": "2", "a": "1"}}, nil)
	require.Equal(t, "20.1.0 (/n)", extra["node"])
	require.Equal(t, "a@1, b@2", extra["kernel"])
	require.Equal(t, "1", extra["bridge_protocol"])
	require.Equal(t, "shm, pipe", extra["transports"], "without a library")
	require.Equal(t, "unknown: "+os.ErrNotExist.Error(), extraVersions(supervisor.Files{}, supervisor.About{}, os.ErrNotExist)["node"])
	with := supervisor.Files{Library: "libagd.so"}
	require.Equal(t, "memory (in-process), shm, pipe", extraVersions(with, supervisor.About{}, nil)["transports"])
}
