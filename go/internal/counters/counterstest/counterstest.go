// Package counterstest reads what package counters counts, for tests.
package counterstest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/telemetry"
)

// Start turns telemetry on for a test, and returns what reads its metrics in
// Prometheus' text format. Telemetry belongs to the process: the test must not
// run in parallel with others.
func Start(t *testing.T) (read func() string) {
	t.Helper()
	//lint:ignore SA1019 app.toml's section telemetry is this one
	metrics, err := telemetry.New(telemetry.Config{Enabled: true, PrometheusRetentionTime: 60})
	require.NoError(t, err)
	t.Cleanup(func() {
		//lint:ignore SA1019 as above
		_, _ = telemetry.New(telemetry.Config{})
	})
	return func() string {
		//lint:ignore SA1019 as above
		gathered, err := metrics.Gather(telemetry.FormatPrometheus)
		require.NoError(t, err)
		return string(gathered.Metrics)
	}
}
