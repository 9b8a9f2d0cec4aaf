package node

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/telemetry"

	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// envTelemetry names another file than the home's. The SDK reads it, too.
const envTelemetry = "OTEL_CONFIG_FILE"

// instrumentation is the name of the tracers.
const instrumentation = "github.com/agd-bridge/agd-bridge/go"

// serviceName is the attribute that names a service.
const serviceName = "service.name"

// spansLimit bounds the export of the last spans.
const spansLimit = 2 * time.Second

// startTelemetry starts OpenTelemetry: the SDK's as the file says, and if that
// exports spans, the same again as the VM's service. An empty or absent file is
// none, and then tracers is nil. The caller calls stop.
func startTelemetry(logger log.Logger, file string) (tracers *vm.Tracers, stop func(), err error) {
	stop = func() {}
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) || err == nil && len(bytes.TrimSpace(text)) == 0 {
		return nil, stop, nil
	}
	if err != nil {
		return nil, stop, err
	}
	config, err := otelconf.ParseYAML(text)
	if err == nil {
		err = telemetry.InitializeOpenTelemetry(file)
	}
	if err != nil {
		return nil, stop, fmt.Errorf("%s: %w", file, err)
	}
	ends := []func(context.Context) error{telemetry.Shutdown}
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), spansLimit)
		defer cancel()
		for _, end := range ends {
			if err := end(ctx); err != nil {
				logger.Warn("the last spans were not exported", "reason", err.Error())
			}
		}
	}
	if config.TracerProvider == nil {
		return nil, stop, nil
	}
	sdk, err := otelconf.NewSDK(otelconf.WithOpenTelemetryConfiguration(ofVM(*config)))
	if err != nil {
		stop()
		return nil, func() {}, fmt.Errorf("%s: %w", file, err)
	}
	ends = append(ends, sdk.Shutdown)
	return &vm.Tracers{Agd: otel.Tracer(instrumentation), VM: sdk.TracerProvider().Tracer(instrumentation)}, stop, nil
}

// ofVM is a configuration that exports only the spans of the VM's service.
func ofVM(config otelconf.OpenTelemetryConfiguration) otelconf.OpenTelemetryConfiguration {
	config.MeterProvider, config.LoggerProvider = nil, nil
	var resource otelconf.Resource
	if config.Resource != nil {
		resource = *config.Resource
	}
	resource.Attributes = slices.DeleteFunc(slices.Clone(resource.Attributes), func(a otelconf.AttributeNameValue) bool {
		return a.Name == serviceName
	})
	resource.Attributes = append(resource.Attributes, otelconf.AttributeNameValue{Name: serviceName, Value: contract.VMName})
	config.Resource = &resource
	return config
}

// telemetryFile is the file with the configuration of OpenTelemetry.
func telemetryFile(layout home.Layout, env string) string {
	if env != "" {
		return env
	}
	return layout.TelemetryFile()
}
