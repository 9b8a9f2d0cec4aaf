module github.com/agd-bridge/agd-bridge/test/bench/peers

go 1.26

require (
	github.com/agd-bridge/agd-bridge/go/bridge v0.0.0-00010101000000-000000000000
	google.golang.org/grpc v1.82.1
	google.golang.org/protobuf v1.36.11
)

require (
	golang.org/x/net v0.53.0 // indirect
	golang.org/x/sys v0.46.0 // indirect
	golang.org/x/text v0.36.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260414002931-afd174a4e478 // indirect
)

replace github.com/agd-bridge/agd-bridge/go/bridge => ../../../go/bridge
