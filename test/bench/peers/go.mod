module github.com/agd-bridge/agd-bridge/test/bench/peers

go 1.26

require github.com/agd-bridge/agd-bridge/go/bridge v0.0.0-00010101000000-000000000000

replace github.com/agd-bridge/agd-bridge/go/bridge => ../../../go/bridge
