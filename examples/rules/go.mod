module github.com/agd-bridge/agd-bridge/examples/rules

go 1.26

require github.com/agd-bridge/agd-bridge/go/bridge v0.0.0

require golang.org/x/sys v0.46.0 // indirect

replace github.com/agd-bridge/agd-bridge/go/bridge => ../../go/bridge
