package swingset

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions implements autocli.HasAutoCLIConfig.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              "agoric.swingset.Query",
			EnhanceCustomCommand: true,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Params", Use: "params", Short: "Query the parameters"},
				// The SDK would read the byte fields as hexadecimal; package
				// cli has these commands, with addresses.
				{RpcMethod: "Egress", Skip: true},
				{RpcMethod: "Mailbox", Skip: true},
				{
					RpcMethod: "ChunkedArtifactStatus", Use: "chunked-artifact-status ID",
					Short:          "Query which chunks of a bundle have arrived",
					Example:        "agd query swingset chunked-artifact-status 1",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "chunked_artifact_id"}},
				},
			},
		},
	}
}
