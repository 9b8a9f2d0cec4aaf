package vstorage

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions implements autocli.HasAutoCLIConfig. The SDK's commands would
// omit empty fields; package cli has these commands, with upstream's output.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              "agoric.vstorage.Query",
			EnhanceCustomCommand: true,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Data", Skip: true},
				{RpcMethod: "CapData", Skip: true},
				{RpcMethod: "Children", Skip: true},
			},
		},
	}
}
