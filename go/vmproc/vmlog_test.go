package vmproc

import (
	"bytes"
	"strings"
	"testing"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

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
