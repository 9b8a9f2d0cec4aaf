module github.com/agd-bridge/agd-bridge/go/bridge

go 1.26
