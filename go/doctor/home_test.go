package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStores(t *testing.T) {
	at := func(chain, kernel int64) Stores {
		return Stores{Chain: chain, Kernel: kernel, KernelExists: kernel > 0}
	}
	initial := func(s Stores, height int64) Stores {
		s.Initial = height
		return s
	}
	running := func(before, chain, kernel int64) Finding {
		return Stores{Before: before, Chain: chain, Kernel: kernel, KernelExists: true, Running: true}.Judge()
	}
	damaged := errors.New("application.db: damaged: restore it")
	for name, row := range map[string]judged{
		"a new home":                            {at(0, 0).Judge(), OK, "no block yet", ""},
		"equal":                                 {at(9, 9).Judge(), OK, "chain at height 9, kernel at height 9", ""},
		"a death between the commits":           {at(9, 10).Judge(), OK, "the next start repeats that block", ""},
		"the same in the first block":           {at(0, 1).Judge(), OK, "repeats", ""},
		"the same in a first block of 50":       {initial(at(0, 50), 50).Judge(), OK, "repeats", ""},
		"restored before a first block of 50":   {initial(at(0, 49), 50).Judge(), OK, "", ""},
		"a kernel behind":                       {at(9, 8).Judge(), Fail, "chain at height 9, kernel at height 8", "restore the whole home"},
		"a kernel two ahead":                    {at(9, 11).Judge(), Fail, "", "restore the whole home"},
		"no kernel's store":                     {at(9, 0).Judge(), Fail, "kernel none", "restore the whole home"},
		"a kernel without a chain":              {at(0, 9).Judge(), Fail, "", "restore the whole home"},
		"a damaged store":                       {Stores{Err: damaged}.Judge(), Fail, "application.db: damaged", "restore it"},
		"a store of another user":               {Stores{Unseen: errors.New("not looked at: ask as its owner")}.Judge(), Warn, "not looked at", "ask as"},
		"a node that runs":                      {running(9, 9, 9), OK, "the node runs", ""},
		"in its first block":                    {running(1, 1, 0), OK, "the chain's first block, 1, is stored but not yet complete, the node runs", ""},
		"in a block, its kernel not yet":        {running(9, 9, 8), OK, "", ""},
		"in a block, its chain not yet":         {running(9, 9, 10), OK, "", ""},
		"blocks meanwhile":                      {running(9, 14, 12), OK, "", ""},
		"a node that runs, its kernel behind":   {running(9, 9, 7), Fail, "", "stop the node"},
		"a node that runs, its kernel ahead":    {running(9, 9, 11), Fail, "", "stop the node"},
		"a node that does not answer":           {Stores{Running: true, Err: errors.New("no answer")}.Judge(), Warn, "no answer", "ask again"},
		"a lock that is free":                   {Lock(0, false), OK, "free", ""},
		"a lock that is held":                   {Lock(os.Getpid(), false), OK, "held by doctor.test", ""},
		"a lock that is held by another user's": {Lock(0, true), Warn, "another agd", "as the node's user"},
		"no home":                               {NoHome("/none"), Warn, "/none", "agd devnet"},
		"a configuration":                       {Config("/home", nil), OK, "/home/config", ""},
		"a bad configuration":                   {Config("/home", damaged), Fail, "damaged", "correct it"},
		"a genesis":                             {Genesis("/g.json", nil), OK, "/g.json", ""},
		"no genesis":                            {Genesis("/g.json", errors.New("no genesis at /g.json: run `agd init MONIKER`")), Fail, "no genesis at /g.json", "run `agd init MONIKER`"},
	} {
		row.check(t, name)
	}
}

func TestTheLastBlocksTime(t *testing.T) {
	now := time.Now()
	require.Nil(t, Stores{}.LastBlock(now), "no block")
	require.Nil(t, Stores{BlockTime: now.Add(-time.Hour)}.LastBlock(now))
	require.Nil(t, Stores{BlockTime: now.Add(time.Second)}.LastBlock(now), "within the validators' clocks")
	late := Stores{BlockTime: now.Add(time.Hour)}.LastBlock(now)
	require.NotNil(t, late)
	judged{*late, Fail, "1h0m0s after now", "set the clock"}.check(t, "late")
}

func TestSecrets(t *testing.T) {
	home := t.TempDir()
	key := filepath.Join(home, "priv_validator_key.json")
	secrets := func(mode os.FileMode) Finding {
		require.NoError(t, os.WriteFile(key, nil, 0o600))
		require.NoError(t, os.Chmod(key, mode))
		return Secrets(home, key, filepath.Join(home, "absent"))
	}
	judged{Secrets(home, key), OK, "none yet", ""}.check(t, "none")
	judged{secrets(0o600), OK, "their owner alone", ""}.check(t, "0600")
	judged{secrets(0o640), Warn, "is 0640: others can read it", "chmod go= "}.check(t, "0640")
	judged{secrets(0o620), Fail, "is 0620: others can change it", "chmod go= "}.check(t, "0620")
	require.NoError(t, os.Mkdir(filepath.Join(home, "keyring-test"), 0o755))
	judged{secrets(0o600), Warn, "keyring-test is 0755", "keyring-test"}.check(t, "keyring")
}
