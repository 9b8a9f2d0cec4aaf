package main

import (
	"context"
	"encoding/json"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/agd-bridge/agd-bridge/go/bridge/bridgetest"
)

// text has the fields, and so the bytes, of bench.Text in echo.proto.
type text = wrapperspb.StringValue

// service is bench.Echo in echo.proto.
const service = "bench.Echo"

// overGRPC serves bench.Echo, and calls it at JavaScript's server.
func overGRPC(n *node) error {
	listener, err := net.Listen("unix", n.goSocket)
	if err != nil {
		return err
	}
	client, err := grpc.NewClient("unix:"+n.jsSocket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer client.Close()
	echo := func(_ context.Context, request *text) (*text, error) { return request, nil }
	time := func(ctx context.Context, request *text) (*text, error) {
		var load bridgetest.Load
		if err := json.Unmarshal([]byte(request.Value), &load); err != nil {
			return nil, err
		}
		payload := wrapperspb.String(string(load.Param))
		took, err := bridgetest.Measure(load, func() error {
			return client.Invoke(ctx, "/"+service+"/Echo", payload, new(text))
		})
		return wrapperspb.String(string(told(took, err))), nil
	}
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{method("Echo", echo), method("Time", time)},
	}, nil)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	return n.untilEnd()
}

// method is the code that a generator would write.
func method(name string, serve func(context.Context, *text) (*text, error)) grpc.MethodDesc {
	handler := func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		request := new(text)
		if err := decode(request); err != nil {
			return nil, err
		}
		return serve(ctx, request)
	}
	return grpc.MethodDesc{MethodName: name, Handler: handler}
}
