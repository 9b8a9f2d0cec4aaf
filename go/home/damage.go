package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cometbft/cometbft/crypto"
	cmtjson "github.com/cometbft/cometbft/libs/json"

	"github.com/agd-bridge/agd-bridge/go/internal/panics"
)

// What to do about a file that cannot be read.
const (
	restoreHome = "restore the whole home directory from a backup, or reset it with `agd comet unsafe-reset-all`"
	remakeKey   = "restore it, or remove it to give this node a new id"
	remakeToml  = "restore it, or remove it, and agd writes one with its defaults"
	remakeBook  = "remove it: agd finds its peers anew"
)

// remedyOf says what to do about a damaged store: some of them a node can do
// without.
func remedyOf(path string) string {
	switch filepath.Base(path) {
	case "tx_index.db":
		return "remove it: agd begins a new index, without the blocks of before"
	case "evidence.db", "cs.wal", "wal":
		return "remove it: agd makes it anew"
	case "metadata.db", "snapshots":
		return "remove the directory snapshots: agd makes snapshots anew"
	default:
		return restoreHome
	}
}

// checkKind refuses a directory in place of a file, and vice versa.
func checkKind(path string, wantDir bool) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil // it is made
	case err != nil:
		return err
	case wantDir && !info.IsDir():
		return fmt.Errorf("%s: expected a directory, found a file: %s", path, remedyOf(path))
	case !wantDir && !info.Mode().IsRegular():
		return fmt.Errorf("%s: expected a file, found %s: %s", path, kindOf(info), remedyOf(path))
	}
	return nil
}

func kindOf(info os.FileInfo) string {
	if info.IsDir() {
		return "a directory"
	}
	return "something else (" + info.Mode().Type().String() + ")"
}

// checkPrivateKey refuses a key that is absent, or cannot sign.
func checkPrivateKey(file string, key crypto.PrivKey) error {
	if key == nil {
		return fmt.Errorf("%s: no priv_key", file)
	}
	var signs bool
	err := panics.Recovered(panics.NoTrace, func() error {
		text := []byte("does it sign?")
		signature, err := key.Sign(text)
		signs = err == nil && key.PubKey().VerifySignature(text, signature)
		return err
	})
	if err != nil || !signs {
		return fmt.Errorf("%s: priv_key is not a whole key", file)
	}
	return nil
}

var errEmpty = errors.New("the file is empty")

// readJSON reads a file in CometBFT's JSON. Every error names the file.
func readJSON(file string, value any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(text)) == "" {
		return fmt.Errorf("%s: %w", file, errEmpty)
	}
	if err := cmtjson.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
