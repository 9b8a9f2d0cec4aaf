package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/agd-bridge/agd-bridge/go/internal/sockets"
)

// Config judges whether the home's configuration can be read; err says why not.
func Config(home string, err error) Finding {
	if err != nil {
		return finding(Home, "configuration", err.Error()).but(Fail, "correct it: agd start refuses it, too")
	}
	return finding(Home, "configuration", "readable in "+filepath.Join(home, "config"))
}

// NoHome is the finding of a home that is not there.
func NoHome(home string) Finding {
	return finding(Home, "home", "no home in "+home).
		but(Warn, "`agd init MONIKER` makes one, agd devnet makes a local chain; --home names another")
}

// NoDirectory is the finding of a file that is named as the home.
func NoDirectory(path string) Finding {
	return finding(Home, "home", "no home: "+path+" is no directory").but(Fail, "check --home")
}

// NotAHome is the finding of a directory that is not a home; entries are the names
// of what it has. An empty one waits for a home, as after the installation of
// the Debian package.
func NotAHome(dir string, entries []string) Finding {
	what, verdict := "an empty directory", Warn
	if len(entries) > 0 {
		verdict = Fail
		shown := entries[:min(len(entries), maxEntries)]
		what = "a directory with " + strings.Join(shown, ", ")
		if more := len(entries) - len(shown); more > 0 {
			what += fmt.Sprintf(" and %d more", more)
		}
	}
	return finding(Home, "home", fmt.Sprintf("no home: %s is %s, without config", dir, what)).
		but(verdict, "check --home; `agd init MONIKER` makes a home, agd devnet a local chain")
}

// maxEntries bounds the names that NotAHome shows.
const maxEntries = 5

// Lock judges who uses a home: the process id of its node, 0 for none. held:
// another agd has the lock, though it cannot be found.
func Lock(node int, held bool) Finding {
	switch {
	case node != 0:
		return finding(Home, "lock", "held by "+sockets.ProcessWith(node).String())
	case held:
		return finding(Home, "lock", "held by another agd").but(Warn, "run agd doctor as the node's user: its stores cannot be looked at now")
	}
	return finding(Home, "lock", "free: no agd runs on this home")
}

// Damaged is the finding of a home's files that agd start refuses.
func Damaged(err error) Finding { return splitError("files", err) }

// Genesis judges whether the home's genesis can be read.
func Genesis(file string, err error) Finding {
	if err != nil {
		return splitError("genesis", err)
	}
	return finding(Home, "genesis", "readable: "+file)
}

// splitError makes a failure of an error of the form "what: why: what to do".
func splitError(name string, err error) Finding {
	text := err.Error()
	at := strings.LastIndex(text, ": ")
	if at < 0 {
		return finding(Home, name, text).but(Fail, "agd start refuses it, too")
	}
	return finding(Home, name, text[:at]).but(Fail, text[at+2:])
}

// secretFacts are a file or directory that only its owner should read.
type secretFacts struct {
	path string
	mode os.FileMode
}

// Secrets checks the modes of a home's keys: keyFiles are the validator's and
// the node's, those that there are.
func Secrets(home string, keyFiles ...string) Finding {
	keyrings, _ := filepath.Glob(filepath.Join(home, "keyring-*"))
	var all []secretFacts
	for _, path := range append(keyFiles, keyrings...) {
		if info, err := os.Stat(path); err == nil {
			all = append(all, secretFacts{path, info.Mode()})
		}
	}
	return judgeSecrets(all)
}

func judgeSecrets(all []secretFacts) Finding {
	const name = "keys"
	var open, remedies []string
	verdict := OK
	for _, secret := range all {
		forOthers := secret.mode.Perm() & 0o077
		if forOthers == 0 {
			continue
		}
		open = append(open, fmt.Sprintf("%s is %04o", secret.path, secret.mode.Perm()))
		remedies = append(remedies, fmt.Sprintf("chmod go= %q", secret.path))
		verdict = worse(verdict, Warn)
		if forOthers&0o022 != 0 {
			verdict = Fail
		}
	}
	switch {
	case len(all) == 0:
		return finding(Home, name, "none yet: agd start makes the node's and the validator's")
	case len(open) == 0:
		return finding(Home, name, "readable by their owner alone")
	case verdict == Fail:
		return finding(Home, name, strings.Join(open, ", ")+": others can change it").but(verdict, strings.Join(remedies, "; "))
	}
	return finding(Home, name, strings.Join(open, ", ")+": others can read it").but(verdict, strings.Join(remedies, "; "))
}

// Stores are the heights of a home's two stores.
type Stores struct {
	// Chain is the height of the chain's store, 0 for none. While a node runs,
	// it was Before before the kernel's store was read, and Chain after.
	Before, Chain int64
	// Kernel is the height of the kernel's store, if KernelExists.
	Kernel       int64
	KernelExists bool
	// Initial is the height of the chain's first block.
	Initial int64
	// BlockTime is the time of the last block; zero: unknown.
	BlockTime time.Time
	// Running: a node of this home runs.
	Running bool
	// Err says why a store cannot be read, and Unseen why it was not looked at.
	Err, Unseen error
}

// Judge compares the stores.
func (s Stores) Judge() Finding {
	const name = "stores"
	const restore = "restore the whole home directory from a backup, or reset with `agd comet unsafe-reset-all`"
	kernel := "none"
	if s.KernelExists {
		kernel = fmt.Sprintf("at height %d", s.Kernel)
	}
	found := finding(Home, name, fmt.Sprintf("chain at height %d, kernel %s", s.Chain, kernel))
	first := max(1, s.Initial)
	switch {
	case s.Unseen != nil:
		return splitError(name, s.Unseen).at(Warn)
	case s.Err != nil && s.Running:
		return finding(Home, name, s.Err.Error()).but(Warn, "ask again once the node has made a block")
	case s.Err != nil:
		return splitError(name, s.Err)
	case s.Running:
		// CometBFT saves a block before it runs, and the kernel commits first.
		if s.Kernel < s.Before-1 || s.Kernel > s.Chain+1 {
			return found.but(Fail, "stop the node, and ask again: the stores must be at one height")
		}
		if s.Kernel < first && s.Chain == first {
			found.Found = fmt.Sprintf("the chain's first block, %d, is stored but not yet complete", first)
		}
		found.Found += ", the node runs"
		return found
	case s.Chain == 0 && s.Kernel == 0:
		found.Found = "no block yet"
		return found
	case s.Kernel == s.Chain, s.Chain == 0 && s.Kernel == first-1:
		return found
	case s.Chain > 0 && s.Kernel == s.Chain+1, s.Chain == 0 && s.Kernel == first:
		found.Found += ": the next start repeats that block"
		return found
	}
	return found.but(Fail, restore)
}

// LastBlock judges the machine's clock by the time of the last block; nil: the
// clock is right, as far as that tells.
func (s Stores) LastBlock(now time.Time) *Finding {
	if s.BlockTime.IsZero() || !now.Before(s.BlockTime.Add(-mostAhead)) {
		return nil
	}
	late := finding(Home, "last block", fmt.Sprintf("%s after now", s.BlockTime.Sub(now).Round(time.Second))).
		but(Fail, "set the clock: this node would not accept its own chain's time")
	return &late
}

// mostAhead is how far a block's time may lie ahead of a node's clock: it is the
// median of the validators' clocks.
const mostAhead = 10 * time.Second
