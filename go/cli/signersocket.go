package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// removeStaleSocket removes the socket file of a remote signer's address that
// an earlier run has left: CometBFT removes none, and cannot listen where one
// is. One at which somebody listens stays, and so does what is no socket.
func removeStaleSocket(address string) error {
	file, isUnix := strings.CutPrefix(address, "unix://")
	if !isUnix {
		return nil
	}
	info, err := os.Lstat(file)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return nil // CometBFT says what is wrong, if anything is
	}
	conn, err := net.Dial("unix", file)
	if err == nil {
		_ = conn.Close()
		return fmt.Errorf("priv_validator_laddr: another process listens at %s", file)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("priv_validator_laddr: %w", err)
	}
	return os.Remove(file)
}
