module github.com/agd-bridge/agd-bridge/go/bridge

go 1.26

require golang.org/x/sys v0.46.0
