package cli

import (
	"errors"
	"fmt"
	"os"

	cmtcfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/types"
)

// privValidator loads the validator's key and state, or makes them. It is nil
// with a remote signer, for which CometBFT listens: then the node's own key, if
// there is one, signs nothing.
func privValidator(comet *cmtcfg.Config) types.PrivValidator {
	if comet.PrivValidatorListenAddr != "" {
		return nil
	}
	return privval.LoadOrGenFilePV(comet.PrivValidatorKeyFile(), comet.PrivValidatorStateFile())
}

// checkValidatorFiles finds a validator's key or state that cannot be read:
// CometBFT would end the whole process over it, the VM with it. Without a key
// it makes both; with a remote signer it reads neither.
func checkValidatorFiles(comet *cmtcfg.Config) error {
	if comet.PrivValidatorListenAddr != "" {
		return nil
	}
	var key privval.FilePVKey
	err := readJSON(comet.PrivValidatorKeyFile(), &key)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && key.PrivKey == nil {
		err = fmt.Errorf("%s: no priv_key", comet.PrivValidatorKeyFile())
	}
	if err != nil {
		return fmt.Errorf("validator's key: %w", err)
	}
	if err := readJSON(comet.PrivValidatorStateFile(), &privval.FilePVLastSignState{}); err != nil {
		return fmt.Errorf("validator's state, which keeps it from signing twice: %w", err)
	}
	return nil
}

func readJSON(file string, value any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := cmtjson.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
