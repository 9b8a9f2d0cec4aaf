package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/home"
)

// devnetHomeWith returns a home with this mark, "" for none.
func devnetHomeWith(t *testing.T, mark string) devnetOptions {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "net")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "config"), 0o755))
	if mark != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, devnetMark), []byte(mark), 0o600))
	}
	return devnetOptions{home: dir}
}

func TestDevnetTakesOnlyAHomeThatItMadeOrCanMake(t *testing.T) {
	empty := t.TempDir()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for name, row := range map[string]struct {
		given devnetOptions
		want  string
	}{
		"absent":              {devnetOptions{home: empty + "/none"}, "no chain in"},
		"empty":               {devnetOptions{home: empty}, "no chain in"},
		"a file":              {devnetOptions{home: file}, "choose a directory"},
		"of agd init":         {devnetHomeWith(t, ""), "files that agd devnet did not make"},
		"a mark that is none": {devnetHomeWith(t, "{"), "remove the directory"},
		"made":                {devnetHomeWith(t, `{"version":1,"core":false}`), ""},
	} {
		_, err := row.given.made()
		if row.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, row.want, name)
		require.NotContains(t, err.Error(), "\n", name)
	}
	core := devnetHomeWith(t, `{"version":1,"core":true}`)
	found, err := core.made()
	require.NoError(t, err)
	require.True(t, found.Core, "goes on without --core")
	plain := devnetHomeWith(t, `{"version":1,"core":false}`)
	plain.core = true
	_, err = plain.made()
	require.ErrorContains(t, err, "--core: the chain in")
}

// It has subcommands, and runs by itself, too.
func TestDevnetRuns(t *testing.T) {
	printed, failed := runIn(t, "devnet", "--home", devnetHomeWith(t, "").home)
	require.Contains(t, failed, "agd devnet needs a process of its own", printed)
	_, failed = runIn(t, "devnet", "fnud")
	require.Contains(t, failed, `"fnud"`)
}

func TestResetRemovesAChainOnlyWhenItMay(t *testing.T) {
	given := devnetHomeWith(t, `{"version":1,"core":false}`)
	var out bytes.Buffer
	require.ErrorContains(t, resetDevnet(given, strings.NewReader("y\n"), &out), "add --yes")
	given.yes = true
	lock, err := home.Lock(given.home)
	require.NoError(t, err)
	require.ErrorIs(t, resetDevnet(given, nil, &out), home.ErrRuns)
	require.DirExists(t, given.home)
	require.NoError(t, lock.Close())
	require.NoError(t, resetDevnet(given, nil, &out))
	require.NoDirExists(t, given.home)
	left, err := os.ReadDir(filepath.Dir(given.home))
	require.NoError(t, err)
	require.Empty(t, left)

	other := devnetHomeWith(t, "")
	other.yes = true
	require.ErrorContains(t, resetDevnet(other, nil, &out), "did not make")
	require.DirExists(t, other.home)
}

func TestTheChainIsInTheHomeOfFlagThenEnvironment(t *testing.T) {
	env := []string{"AGD_HOME=/of-environment"}
	for _, each := range []struct {
		given devnetOptions
		env   []string
		want  string
	}{
		{devnetOptions{home: "/of-flag"}, env, "/of-flag"},
		{devnetOptions{}, env, "/of-environment"},
		{devnetOptions{core: true}, env, "/of-environment"},
		{devnetOptions{}, nil, devnetHome(false)},
		{devnetOptions{core: true}, []string{"AGD_HOME="}, devnetHome(true)},
	} {
		given, err := each.given.complete(&cobra.Command{}, each.env)
		require.NoError(t, err)
		require.Equal(t, each.want, given.home)
	}
	dir := t.TempDir()
	for _, command := range [][]string{{"devnet", "fund", "bob"}, {"devnet", "reset", "--yes"}} {
		_, _, said := runCommandIn([]string{"AGD_HOME=" + dir}, command...)
		require.Contains(t, said, dir, command)
	}
}

func TestOnlyYesAgrees(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		var out bytes.Buffer
		require.Equal(t, want, ask(strings.NewReader(answer), &out, "Remove it?"), "%q", answer)
		require.Equal(t, "Remove it? [y/N] ", out.String())
	}
}

func TestTheCommandsAfterTheFirstBlockCanBePasted(t *testing.T) {
	core := devnetHomeWith(t, `{"version":1,"core":true}`).home
	t.Chdir(filepath.Dir(core)) // a relative path would fail in another directory
	dir := filepath.Join(filepath.Dir(core), "my net")
	require.NoError(t, os.Rename(core, dir))
	next := strings.Join(devnetNext("agd", dir), "\n")
	require.Contains(t, next, `agd devnet fund bob --home '`+dir+`'`+"\n")
	require.Contains(t, next, `provision-one alice "$(agd keys show alice -a --home '`+dir+`')" SMART_WALLET --from alice`, "which needs no other command first")
	plain := devnetNext("agd", devnetHomeWith(t, `{"version":1,"core":false}`).home)
	require.Contains(t, plain[1], "agd tx bank send alice")
	require.Empty(t, devnetNext("agd", devnetHomeWith(t, "").home), "not made by agd devnet")
}
