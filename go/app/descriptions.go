package app

import (
	"context"
	"sync"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	reflectionv1 "cosmossdk.io/api/cosmos/reflection/v1"

	"github.com/cosmos/cosmos-sdk/runtime/services"
)

// registerDescriptions registers the services by which clients build commands
// and messages for any chain: the modules' options of autocli, and the
// descriptors of all protobuf files. Both are made at the first query, because
// each command of agd makes an app.
func (app *App) registerDescriptions() {
	router := app.GRPCQueryRouter()
	autocliv1.RegisterQueryServer(router, &commandOptions{options: sync.OnceValue(func() *services.AutoCLIQueryService {
		return services.NewAutoCLIQueryService(app.Modules.Modules)
	})})
	reflectionv1.RegisterReflectionServiceServer(router, &descriptors{files: sync.OnceValues(services.NewReflectionService)})
}

type commandOptions struct {
	autocliv1.UnimplementedQueryServer
	options func() *services.AutoCLIQueryService
}

// AppOptions implements autocliv1.QueryServer.
func (c *commandOptions) AppOptions(ctx context.Context, request *autocliv1.AppOptionsRequest) (*autocliv1.AppOptionsResponse, error) {
	return c.options().AppOptions(ctx, request)
}

type descriptors struct {
	reflectionv1.UnimplementedReflectionServiceServer
	files func() (*services.ReflectionService, error)
}

// FileDescriptors implements reflectionv1.ReflectionServiceServer.
func (d *descriptors) FileDescriptors(ctx context.Context, request *reflectionv1.FileDescriptorsRequest) (*reflectionv1.FileDescriptorsResponse, error) {
	service, err := d.files()
	if err != nil {
		return nil, err
	}
	return service.FileDescriptors(ctx, request)
}
