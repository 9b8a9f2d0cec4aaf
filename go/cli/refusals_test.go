package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFlagsOfABThatCannotBeAreRefused(t *testing.T) {
	good := abOptions{blocks: 1, actions: 1, workload: "wallet", transport: "auto"}
	require.NoError(t, good.check())
	for want, change := range map[string]func(o *abOptions){
		"--blocks must be at least 1, not 0":                  func(o *abOptions) { o.blocks = 0 },
		"--actions must be 1 to 1000, not 1001":               func(o *abOptions) { o.actions = 1001 },
		`--workload must be wallet, bank or mixed, not "ibc"`: func(o *abOptions) { o.workload = "ibc" },
		"--seed must not be negative, it is -1":               func(o *abOptions) { o.seed = -1 },
		`--transport must be pipe, shm or auto, not "tcp"`:    func(o *abOptions) { o.transport = "tcp" },
		"--json: there is no directory /none":                 func(o *abOptions) { o.json = "/none/x" },
		"--html: there is no directory /none":                 func(o *abOptions) { o.html = "/none/x" },
		"--html: / is a directory: name a file":               func(o *abOptions) { o.html = "/" },
	} {
		given := good
		change(&given)
		require.EqualError(t, given.check(), want)
	}
}

func TestFlagsOfLocalnetThatCannotBeAreRefused(t *testing.T) {
	good := localnetOptions{validators: 4, split: 2, home: "h", vatConfig: "v", changed: func(string) bool { return true }}
	require.NoError(t, good.check())
	for want, change := range map[string]func(o *localnetOptions){
		"--validators must be 1 to 64, not 65":                       func(o *localnetOptions) { o.validators = 65 },
		"--split must not be negative, it is -1":                     func(o *localnetOptions) { o.split = -1 },
		"--split must be at most the number of validators, 4, not 5": func(o *localnetOptions) { o.split = 5 },
		"--bootstrap-vat-config must not be empty":                   func(o *localnetOptions) { o.vatConfig = " " },
	} {
		given := good
		change(&given)
		require.EqualError(t, given.check(), want)
	}
}
