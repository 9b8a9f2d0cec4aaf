package vstorage

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions implements autocli.HasAutoCLIConfig. The SDK would leave out
// of its answer what is empty; cli has these, with upstream's answers.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              "agoric.vstorage.Query",
			EnhanceCustomCommand: true,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Data", Skip: true},
				{RpcMethod: "Children", Skip: true},
			},
		},
	}
}
