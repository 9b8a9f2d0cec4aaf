package node

import (
	"context"
	"errors"

	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/rpc/client/local"
	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"
	"github.com/cosmos/cosmos-sdk/server/api"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	"github.com/cosmos/cosmos-sdk/telemetry"

	"github.com/agd-bridge/agd-bridge/go/app"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// servers are the gRPC and REST servers, as configured in app.toml.
type servers struct {
	group *errgroup.Group
	// The servers run until ctx is done; cancel cancels it.
	ctx    context.Context
	cancel context.CancelFunc
}

// newServers returns servers that have not started, and end with stop.
func newServers(stop context.Context) *servers {
	var s servers
	s.ctx, s.cancel = context.WithCancel(stop)
	s.group, s.ctx = errgroup.WithContext(s.ctx)
	return &s
}

func (s *servers) start(svr *server.Context, clientCtx client.Context, config serverconfig.Config, chain *app.App, comet *cmtnode.Node) error {
	ctx := s.ctx
	s.group.Go(func() error { // there may be no other
		<-ctx.Done()
		return nil
	})
	//lint:ignore SA1019 app.toml's section telemetry is this one
	metrics, err := telemetry.New(config.Telemetry)
	if err != nil {
		return err
	}
	if config.API.Enable || config.GRPC.Enable {
		clientCtx = clientCtx.WithClient(local.New(comet))
		chain.RegisterTxService(clientCtx)
		chain.RegisterTendermintService(clientCtx)
		chain.RegisterNodeService(clientCtx, config)
	}
	grpcServer, clientCtx, err := server.StartGrpcServer(ctx, s.group, config.GRPC, clientCtx, svr, chain)
	if err != nil || !config.API.Enable {
		return err
	}
	rest := api.New(clientCtx.WithHomeDir(svr.Config.RootDir), svr.Logger.With("module", "api-server"), grpcServer)
	chain.RegisterAPIRoutes(rest, config.API)
	//lint:ignore SA1019 as above
	if config.Telemetry.Enabled {
		//lint:ignore SA1019 as above
		rest.SetTelemetry(metrics)
	}
	s.group.Go(func() error { return rest.Start(ctx, config) })
	return nil
}

// wait returns when they have ended, which they should not.
func (s *servers) wait() error {
	err := s.group.Wait()
	if err == nil {
		err = errors.New("the servers ended")
	}
	return &supervisor.ExitError{Code: supervisor.ExitUnasked, Err: err}
}

func (s *servers) stop() {
	s.cancel()
	_ = s.group.Wait()
}
