package vm

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Tracers make the spans of OpenTelemetry for what passes between chain and
// kernel. The spans of both sides are made in agd, at the bridge, so the bridge's
// frames carry no identifiers, which the kernel's inputs must not contain.
type Tracers struct {
	// Agd is the tracer of agd's service, and VM that of the VM's.
	Agd, VM trace.Tracer
}

// actionSpans are the two spans of a block action: agd's call, and the VM's work
// inside it. All methods may be called on nil, which is without spans.
type actionSpans struct {
	tracers  *Tracers
	call, vm trace.Span
	// inVM is the context of the VM's span.
	inVM context.Context
}

// action begins the spans of a block action, below those that ctx has of the
// SDK. It returns the context of agd's span.
func (t *Tracers) action(ctx sdk.Context, method string) (sdk.Context, *actionSpans) {
	if t == nil {
		return ctx, nil
	}
	height := trace.WithAttributes(attribute.Int64("block.height", ctx.BlockHeight()))
	s := &actionSpans{tracers: t}
	ctx, s.call = ctx.StartSpan(t.Agd, method, height, trace.WithSpanKind(trace.SpanKindClient))
	s.inVM, s.vm = t.VM.Start(ctx, method, height, trace.WithSpanKind(trace.SpanKindServer))
	return ctx, s
}

// end ends the spans of a block action.
func (s *actionSpans) end(err error) {
	if s == nil {
		return
	}
	for _, span := range []trace.Span{s.vm, s.call} {
		fail(span, err)
		span.End()
	}
}

// downcall begins the spans of a downcall: the VM's call, and agd's answer inside
// it.
func (s *actionSpans) downcall(method string) (end func(error)) {
	if s == nil {
		return func(error) {}
	}
	ctx, call := s.tracers.VM.Start(s.inVM, method, trace.WithSpanKind(trace.SpanKindClient))
	_, answer := s.tracers.Agd.Start(ctx, method, trace.WithSpanKind(trace.SpanKindServer))
	return func(err error) {
		for _, span := range []trace.Span{answer, call} {
			fail(span, err)
			span.End()
		}
	}
}

func fail(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
}
