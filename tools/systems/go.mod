module github.com/agd-bridge/agd-bridge/tools/systems

go 1.26.5
