package vstorage

import autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

// AutoCLIOptions implements autocli.HasAutoCLIConfig.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	path := []*autocliv1.PositionalArgDescriptor{{ProtoField: "path"}}
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:              "agoric.vstorage.Query",
			EnhanceCustomCommand: true,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod:      "Data",
					Use:            "data <path>",
					Short:          "Query the data at a path",
					Example:        "agd query vstorage data published.agoricNames.brand",
					PositionalArgs: path,
				},
				{
					RpcMethod:      "Children",
					Use:            "children [path]",
					Alias:          []string{"keys"},
					Short:          "Query the names right below a path, or the root",
					Example:        "agd query vstorage children published",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "path", Optional: true}},
				},
			},
		},
	}
}
