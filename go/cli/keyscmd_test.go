package cli

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/home/hometest"
)

func TestExportLooksForTheKeyBeforeItAsksForAPassphrase(t *testing.T) {
	home := hometest.WithFiles(t, "keyring-test/bob.info", "keyring-file/alice.info")
	for backend, name := range map[string]string{"test": "bob", "file": "alice"} {
		at := []string{"--keyring-backend", backend, "--home", home}
		_, failed := runIn(t, append([]string{"keys", "export", "nobody"}, at...)...)
		require.Equal(t, fmt.Sprintf("no key in the keyring %q of %q has the name \"nobody\": see `agd keys list`", backend, home), failed)
		_, failed = runIn(t, append([]string{"keys", "export", name}, at...)...)
		require.NotContains(t, failed, "no key in the keyring")
	}
}
