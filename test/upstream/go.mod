module github.com/agd-bridge/agd-bridge/test/upstream

go 1.26
