package node

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"cosmossdk.io/log/v2"

	"github.com/agd-bridge/agd-bridge/go/home"
)

// receiver receives spans by OTLP over HTTP, and keeps their names by service.
type receiver struct {
	mu    sync.Mutex
	spans map[string][]string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var export collector.ExportTraceServiceRequest
	body, err := io.ReadAll(request.Body)
	if err == nil {
		err = proto.Unmarshal(body, &export)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, resource := range export.ResourceSpans {
		service := ""
		for _, attribute := range resource.Resource.Attributes {
			if attribute.Key == serviceName {
				service = attribute.Value.GetStringValue()
			}
		}
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				r.spans[service] = append(r.spans[service], span.Name)
			}
		}
	}
}

// telemetryHome is a home with this configuration of OpenTelemetry.
func telemetryHome(t *testing.T, text string) home.Layout {
	t.Helper()
	layout := home.Layout(t.TempDir())
	require.NoError(t, os.Mkdir(filepath.Dir(layout.TelemetryFile()), 0o700))
	require.NoError(t, os.WriteFile(layout.TelemetryFile(), []byte(text), 0o600))
	return layout
}

func TestSpansAreExportedForTwoServices(t *testing.T) {
	got := &receiver{spans: map[string][]string{}}
	server := httptest.NewServer(got)
	defer server.Close()
	layout := telemetryHome(t, fmt.Sprintf(`
file_format: "1.0-rc.3"
resource:
  attributes:
    - {name: service.name, value: agd}
    - {name: deployment.environment.name, value: test}
tracer_provider:
  processors:
    - batch: {exporter: {otlp_http: {endpoint: "%s/v1/traces"}}}
`, server.URL))
	tracers, stop, err := startTelemetry(log.NewNopLogger(), telemetryFile(layout, ""))
	require.NoError(t, err)
	ctx, span := tracers.Agd.Start(context.Background(), "of agd")
	_, inner := tracers.VM.Start(ctx, "of the VM")
	inner.End()
	span.End()
	stop()
	require.Equal(t, map[string][]string{"agd": {"of agd"}, "agvm": {"of the VM"}}, got.spans)
}

func TestThereIsNoTelemetryUnlessItIsConfigured(t *testing.T) {
	for _, file := range []string{telemetryFile(telemetryHome(t, ""), ""), telemetryFile(telemetryHome(t, "\n"), ""), filepath.Join(t.TempDir(), "none")} {
		tracers, stop, err := startTelemetry(log.NewNopLogger(), file)
		require.NoError(t, err)
		require.Nil(t, tracers)
		stop()
	}
	file := telemetryFile("", telemetryHome(t, "tracer_provider: [").TelemetryFile())
	_, _, err := startTelemetry(log.NewNopLogger(), file)
	require.ErrorContains(t, err, file+": ")
}
