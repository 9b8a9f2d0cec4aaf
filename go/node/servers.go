package node

import (
	"context"
	"errors"

	"github.com/cometbft/cometbft/rpc/client/local"
	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	"github.com/cosmos/cosmos-sdk/telemetry"

	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// startServers starts gRPC and REST as app.toml says. They end with stop.
func (n *Node) startServers(stop context.Context) error {
	ctx, cancel := context.WithCancel(stop)
	n.stopServers = cancel
	n.servers, ctx = errgroup.WithContext(ctx)
	n.servers.Go(func() error { // there may be no other
		<-ctx.Done()
		return nil
	})
	//lint:ignore SA1019 app.toml's section telemetry is this one
	metrics, err := telemetry.New(n.config.Telemetry)
	if err != nil {
		return err
	}
	clientCtx := n.client
	if n.config.API.Enable || n.config.GRPC.Enable {
		clientCtx = clientCtx.WithClient(local.New(n.comet))
		n.app.RegisterTxService(clientCtx)
		n.app.RegisterTendermintService(clientCtx)
		n.app.RegisterNodeService(clientCtx, n.config)
	}
	grpcServer, clientCtx, err := server.StartGrpcServer(ctx, n.servers, n.config.GRPC, clientCtx, n.svr, n.app)
	if err != nil || !n.config.API.Enable {
		return err
	}
	rest := api.New(clientCtx.WithHomeDir(n.svr.Config.RootDir), n.svr.Logger.With("module", "api-server"), grpcServer)
	n.app.RegisterAPIRoutes(rest, n.config.API)
	//lint:ignore SA1019 as above
	if n.config.Telemetry.Enabled {
		//lint:ignore SA1019 as above
		rest.SetTelemetry(metrics)
	}
	n.servers.Go(func() error { return rest.Start(ctx, n.config) })
	return nil
}

// waitForServers returns when they have ended, which they should not.
func (n *Node) waitForServers() error {
	err := n.servers.Wait()
	if err == nil {
		err = errors.New("the servers ended")
	}
	return &supervisor.ExitError{Code: supervisor.ExitUnasked, Err: err}
}
