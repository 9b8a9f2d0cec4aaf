package home

import (
	"errors"
	"fmt"
	"os"
	"strings"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/privval"
)

// checkValidatorFiles reports a validator's key or state that cannot be read,
// because CometBFT would exit the whole process, VM included. If neither exists,
// CometBFT creates both. If a remote signer has the key, it checks the address at
// which agd waits for the signer.
func checkValidatorFiles(comet *cmtcfg.Config) error {
	if address := comet.PrivValidatorListenAddr; address != "" {
		protocol, rest, found := strings.Cut(address, "://")
		if !found || rest == "" || protocol != "tcp" && protocol != "unix" {
			return fmt.Errorf("priv_validator_laddr: expected tcp://HOST:PORT or unix://PATH, got %q", address)
		}
		return nil
	}
	keyFile, stateFile := comet.PrivValidatorKeyFile(), comet.PrivValidatorStateFile()
	var key privval.FilePVKey
	err := readJSON(keyFile, &key)
	if errors.Is(err, os.ErrNotExist) {
		return checkNeverSigned(keyFile, stateFile)
	}
	if err == nil {
		err = checkPrivateKey(keyFile, key.PrivKey)
	}
	if err != nil {
		return fmt.Errorf("validator's key: %w: restore it from a backup", err)
	}
	_, err = signedHeight(stateFile)
	return err
}

// checkNeverSigned refuses a home whose key is absent although it has signed:
// CometBFT would make another key, and forget what the absent one has signed.
func checkNeverSigned(keyFile, stateFile string) error {
	height, err := signedHeight(stateFile)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil // both are made
	case err != nil || height == 0:
		return err
	}
	return fmt.Errorf("validator's key: %s: no such file, but %s shows a signature at height %d: restore the key; a node with a new key starts without either file",
		keyFile, stateFile, height)
}

// signedHeight returns the height that a validator has signed last.
func signedHeight(stateFile string) (int64, error) {
	var state privval.FilePVLastSignState
	err := readJSON(stateFile, &state)
	if err == nil {
		// Without a height it would be 0, and everything could be signed again.
		var fields struct {
			Height *string `json:"height"`
		}
		err = readJSON(stateFile, &fields)
		if err == nil && (fields.Height == nil || state.Height < 0) {
			err = fmt.Errorf("%s: no height", stateFile)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("validator's state, which keeps it from signing twice: %w: restore the newest copy, never an older one", err)
	}
	return state.Height, nil
}
