package vm_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

func TestABlockActionAndItsDowncallsAreSpansOfOneTraceInTwoServices(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	var kept [2]tracetest.InMemoryExporter
	var providers [2]*sdktrace.TracerProvider
	for i := range kept {
		providers[i] = sdktrace.NewTracerProvider(sdktrace.WithSyncer(&kept[i]))
	}
	controller.Trace(&vm.Tracers{Agd: providers[0].Tracer("a"), VM: providers[1].Tracer("v")})
	require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		_, err := kernel.Call(ctx, size, path)
		require.NoError(t, err)
		return nil, errors.New("bad")
	}))
	parent, phase := providers[0].Tracer("a").Start(t.Context(), "phase")
	_, err := controller.BlockAction(sdk.Context{}.WithContext(parent).WithBlockHeight(7), vm.MethodEndBlock, block)
	require.ErrorContains(t, err, "bad")

	// From the outermost to the innermost.
	of := func(side int, name string) tracetest.SpanStub {
		for _, span := range kept[side].GetSpans() {
			if span.Name == name {
				return span
			}
		}
		t.Fatalf("side %d has no span %s", side, name)
		return tracetest.SpanStub{}
	}
	const a, v = 0, 1
	chain := []tracetest.SpanStub{of(a, vm.MethodEndBlock), of(v, vm.MethodEndBlock), of(v, size), of(a, size)}
	outer := phase.SpanContext()
	for i, span := range chain {
		require.Equal(t, outer.TraceID(), span.SpanContext.TraceID())
		require.Equal(t, outer.SpanID(), span.Parent.SpanID(), i)
		require.Equal(t, []trace.SpanKind{trace.SpanKindClient, trace.SpanKindServer}[i%2], span.SpanKind)
		outer = span.SpanContext
	}
	require.EqualValues(t, 7, chain[0].Attributes[0].Value.AsInt64())
	require.Equal(t, codes.Error, chain[1].Status.Code)
	require.Equal(t, codes.Unset, chain[3].Status.Code)
}
