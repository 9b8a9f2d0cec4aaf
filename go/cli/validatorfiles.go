package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	cmtcfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/privval"
)

// checkValidatorFiles finds a validator's key or state that cannot be read:
// CometBFT would end the whole process over it, the VM with it. Without a key
// it makes both. Where a remote signer has the key, it checks the address at
// which the signer is to come in.
func checkValidatorFiles(comet *cmtcfg.Config) error {
	if address := comet.PrivValidatorListenAddr; address != "" {
		protocol, rest, found := strings.Cut(address, "://")
		if !found || rest == "" || protocol != "tcp" && protocol != "unix" {
			return fmt.Errorf("priv_validator_laddr: expected tcp://HOST:PORT or unix://PATH, got %q", address)
		}
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
