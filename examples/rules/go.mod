module github.com/agd-bridge/agd-bridge/examples/rules

go 1.26

require github.com/agd-bridge/agd-bridge/go/bridge v0.0.0

replace github.com/agd-bridge/agd-bridge/go/bridge => ../../go/bridge
