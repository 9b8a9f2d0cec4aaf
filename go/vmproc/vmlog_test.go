package vmproc

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

func TestAWorkerThatTheVMLeavesBehindIsNoWarning(t *testing.T) {
	var out bytes.Buffer
	write := logLines(log.NewLogger(&out, log.LevelOption(zerolog.InfoLevel), log.ColorOption(false)))
	write(supervisor.Stderr, "Caught SIGPIPE. Has parent died?")
	if out.Len() > 0 {
		t.Errorf("got %s", out.String())
	}
	write(supervisor.Stderr, "another line")
	if !strings.Contains(out.String(), "WRN another line") {
		t.Errorf("got %s", out.String())
	}
}

func TestALineOfTheKernelHasOneTime(t *testing.T) {
	var out bytes.Buffer
	write := logLines(log.NewLogger(&out, log.OutputJSONOption()))
	write(supervisor.Stdout, "2026-01-02T03:04:05.678Z launch-chain: Launching")
	write(supervisor.Stderr, "a line of 2026-01-02T03:04:05.678Z itself")
	for i, want := range []string{`"message":"launch-chain: Launching"`, `"message":"a line of 2026-01-02T03:04:05.678Z itself"`} {
		if line := strings.Split(out.String(), "\n")[i]; !strings.Contains(line, want) {
			t.Errorf("got %s, want %s", line, want)
		}
	}
}
