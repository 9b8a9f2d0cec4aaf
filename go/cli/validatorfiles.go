package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

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

// removeOldSocket removes the Unix socket of a remote signer's address that no
// process listens on: CometBFT leaves it behind, and could not listen again.
func removeOldSocket(address string) error {
	file, is := strings.CutPrefix(address, "unix://")
	if !is {
		return nil
	}
	if info, err := os.Lstat(file); err != nil || info.Mode().Type() != os.ModeSocket {
		return nil // nothing there, or what is not ours: CometBFT tells
	}
	connection, err := net.Dial("unix", file)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return os.Remove(file)
	}
	if err != nil {
		return fmt.Errorf("priv_validator_laddr: %w", err)
	}
	_ = connection.Close()
	return fmt.Errorf("priv_validator_laddr: another process listens on %s", address)
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
