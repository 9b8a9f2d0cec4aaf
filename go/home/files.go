// Package home is the home directory of a node: its lock, its temporary files,
// and what can be wrong with its files and stores before a kernel is started.
package home

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/p2p"
)

// CheckFiles finds the files of a home, beside genesis and stores, that
// CometBFT would end the process over, in words that do not name them.
func CheckFiles(comet *cmtcfg.Config) error {
	if err := CheckNodeKey(comet.NodeKeyFile()); err != nil {
		return err
	}
	if err := checkValidatorFiles(comet); err != nil {
		return err
	}
	if comet.P2P.PexReactor && !comet.P2P.LibP2PEnabled() {
		if err := checkAddressBook(comet.P2P.AddrBookFile()); err != nil {
			return err
		}
	}
	wal := comet.Consensus.WalFile()
	if err := checkKind(filepath.Dir(wal), true); err != nil {
		return err
	}
	return checkKind(wal, false)
}

// CheckToml refuses a file of options that is empty: it was cut off, and its
// options would silently have their defaults. One that is not there is made.
func CheckToml(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: expected a file, found %s: %s", file, kindOf(info), remakeToml)
	case info.Size() == 0:
		return fmt.Errorf("%s: %w: %s", file, errEmpty, remakeToml)
	}
	return nil
}

// CheckNodeKey refuses a node's key without which CometBFT panics, or fails
// and does not say where. Without a file CometBFT makes one.
func CheckNodeKey(file string) error {
	var key p2p.NodeKey
	err := readJSON(file, &key)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = checkPrivateKey(file, key.PrivKey)
	}
	if err != nil {
		return fmt.Errorf("node's key: %w: %s", err, remakeKey)
	}
	return nil
}

// The limits of CometBFT's address book (its p2p/pex/params.go): how many
// buckets of a type there are.
var addressBuckets = map[byte]int{1: 256, 2: 64}

// checkAddressBook refuses what CometBFT's address book would panic over.
func checkAddressBook(file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = checkPeers(text)
		if err != nil {
			err = fmt.Errorf("%s: %w", file, err)
		}
	}
	if err != nil {
		return fmt.Errorf("address book: %w: %s", err, remakeBook)
	}
	return nil
}

func checkPeers(text []byte) error {
	var book struct {
		Key   string `json:"key"`
		Addrs []*struct {
			Addr       *p2p.NetAddress `json:"addr"`
			Src        *p2p.NetAddress `json:"src"`
			Buckets    []int           `json:"buckets"`
			BucketType byte            `json:"bucket_type"`
		} `json:"addrs"`
	}
	if strings.TrimSpace(string(text)) == "" {
		return errEmpty
	}
	if err := json.Unmarshal(text, &book); err != nil {
		return err
	}
	for i, known := range book.Addrs {
		if known == nil || known.Addr == nil {
			return fmt.Errorf("addrs[%d] has no addr", i)
		}
		count := addressBuckets[known.BucketType]
		if count == 0 {
			return fmt.Errorf("addrs[%d] has no bucket_type %d", i, known.BucketType)
		}
		for _, bucket := range known.Buckets {
			if bucket < 0 || bucket >= count {
				return fmt.Errorf("addrs[%d] has the bucket %d, of %d", i, bucket, count)
			}
		}
	}
	return nil
}
