package swingstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Pairing is the chain store's information about its kernel store.
type Pairing struct {
	// File is the kernel's store, for errors.
	File string
	// Height is the height of the chain's store; 0: it has no block.
	Height int64
	// First is the height of the chain's first block.
	First int64
	// Restored: while the chain has no block, its genesis restores the kernel's
	// store.
	Restored bool
	// ExportData returns an entry of the chain's store.
	ExportData func(key string) (value string, found bool, err error)
	// BlockTime returns the time of a block that CometBFT has.
	BlockTime func(height int64) (at time.Time, found bool, err error)
}

// state is the kernel's response.
type state struct {
	Exists     bool        `json:"exists"`
	ExportData [][2]string `json:"exportData"`
	Height     int64       `json:"height"`
	Time       *int64      `json:"time"` // seconds since 1970
}

// advice is the way out when two stores do not belong together.
const advice = "restore the whole home directory from a backup, or reset with `agd comet unsafe-reset-all`"

// CheckPairing returns an error if the kernel's store does not belong to the
// chain's store. Both must share one history and be at the same height, or the
// kernel one block ahead, which CometBFT then has to repeat. CheckPairing must
// come before INIT, because the kernel accepts any store, and creates one if
// there is none.
func CheckPairing(ctx context.Context, kernel Upcaller, p Pairing) error {
	found, err := kernelState(ctx, kernel, p.Height)
	var remote *bridge.RemoteError
	if errors.As(err, &remote) {
		if p.Height == 0 && p.Restored {
			return nil // it is replaced
		}
		return fmt.Errorf("the kernel's store %q cannot be read: %s: %s", p.File, remote.Message, advice)
	}
	if err != nil {
		return err
	}
	switch {
	case p.Height == 0:
		return p.checkFresh(found)
	case !found.Exists:
		return fmt.Errorf("no kernel's store at %q, though the chain's store is at height %d: %s", p.File, p.Height, advice)
	case found.Height == p.Height:
		return p.checkHistory(found)
	case found.Height == p.Height+1:
		if err := p.checkAhead(found); err != nil {
			return err
		}
		return p.checkHistory(found)
	}
	return fmt.Errorf("the kernel's store %q is at height %d, the chain's store at height %d: they must be equal, or the kernel's one ahead: %s",
		p.File, found.Height, p.Height, advice)
}

func kernelState(ctx context.Context, kernel Upcaller, height int64) (state, error) {
	var found state
	answer, err := kernel.Upcall(ctx, vm.MethodSwingStoreState, struct {
		BlockHeight int64 `json:"blockHeight"`
	}{height})
	if err != nil {
		return found, err
	}
	return found, json.Unmarshal(answer, &found)
}

// checkFresh handles a chain without a block. The kernel may have the first
// block, after a crash between the two commits.
func (p Pairing) checkFresh(found state) error {
	first := max(1, p.First)
	switch {
	case found.Height == 0, p.Restored && found.Height == first-1:
		return nil
	case found.Height == first:
		return p.checkAhead(found)
	}
	return fmt.Errorf("the kernel's store %q is at height %d, but the chain's store has no block (its height is 0): %s", p.File, found.Height, advice)
}

// checkAhead handles a kernel one block ahead. CometBFT must repeat exactly
// that block, for which the kernel then replays its record.
func (p Pairing) checkAhead(found state) error {
	at, has, err := p.BlockTime(found.Height)
	switch {
	case err != nil:
		return err
	case !has:
		return fmt.Errorf("the kernel's store %q is at height %d, the chain's store at height %d, and CometBFT has no block %d to repeat: %s",
			p.File, found.Height, p.Height, found.Height, advice)
	case found.Time != nil && *found.Time != at.Unix():
		return fmt.Errorf("the kernel's store %q (height %d) is not of this chain (height %d): its block %d was made at %s, this chain's at %s: %s",
			p.File, found.Height, p.Height, found.Height, utc(*found.Time), utc(at.Unix()), advice)
	}
	return nil
}

// checkHistory compares the kernel store's history with the chain's store,
// which the app hash covers.
func (p Pairing) checkHistory(found state) error {
	for _, entry := range found.ExportData {
		value, has, err := p.ExportData(entry[0])
		if err != nil {
			return err
		}
		if !has || value != entry[1] {
			return fmt.Errorf("the kernel's store %q (height %d) is not of this chain (height %d): %q differs in the chain's store: %s",
				p.File, found.Height, p.Height, entry[0], advice)
		}
	}
	return nil
}

func utc(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
