// Package kernelstore is a key-value store for the kernel inside the chain's
// own store, so that the app hash covers it and one commit makes both durable.
// The kernel's side is packages/kernel-store; docs/kernel-store.md is the
// contract of both.
package kernelstore

import (
	"context"
	"errors"
	"fmt"

	corestore "cosmossdk.io/core/store"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// Limits of one entry. They are limits of the chain, not of a node: every node
// must refuse the same.
const (
	MaxKeyBytes   = 32 * 1024
	MaxValueBytes = 8 * 1024 * 1024
)

// prefix is the prefix of all keys in x/swingset's store. The module's other
// keys have other prefixes (keeper.NewKeeper).
var prefix = []byte("kernelStore.")

// valueMark is the first byte of all values: not every layer of the SDK's
// stores distinguishes an empty value from none.
const valueMark = 0

// errSealed refuses a write after the block's app hash is known, because it
// would reach no store.
var errSealed = vm.Refuse("kernelStore: nothing can be written after END_BLOCK")

// Store reads and writes the kernel's entries. Keys and values are UTF-8; keys
// are ordered by their bytes. It is a value without state of its own. It may be
// used from any goroutine that may use the context.
type Store struct {
	service corestore.KVStoreService
}

// New returns a store inside the store of a module.
func New(service corestore.KVStoreService) Store { return Store{service: service} }

// Change sets a key's value, or deletes the key if there is none.
type Change struct {
	Key   string
	Value *string
}

// Validate refuses a key or a value over its limit.
func (c Change) Validate() error {
	if err := checkKey(c.Key); err != nil {
		return err
	}
	if c.Value != nil && len(*c.Value) > MaxValueBytes {
		return vm.Refuse(fmt.Sprintf("kernelStore: a value of %d bytes; there may be %d", len(*c.Value), MaxValueBytes))
	}
	return nil
}

// Get returns the value of key; found is false if there is none.
func (s Store) Get(ctx context.Context, key string) (value string, found bool, err error) {
	if err := checkKey(key); err != nil {
		return "", false, err
	}
	raw, err := s.service.OpenKVStore(ctx).Get(toStore(key))
	if err != nil || raw == nil {
		return "", false, err
	}
	return valueOf(key, raw)
}

// Has reports whether key has a value.
func (s Store) Has(ctx context.Context, key string) (bool, error) {
	if err := checkKey(key); err != nil {
		return false, err
	}
	return s.service.OpenKVStore(ctx).Has(toStore(key))
}

// NextKey returns the first key after previous, which need not have a value.
func (s Store) NextKey(ctx context.Context, previous string) (key string, found bool, err error) {
	if err := checkKey(previous); err != nil {
		return "", false, err
	}
	after := append(toStore(previous), 0)
	iterator, err := s.service.OpenKVStore(ctx).Iterator(after, storetypes.PrefixEndBytes(prefix))
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, iterator.Close()) }()
	if !iterator.Valid() {
		return "", false, nil
	}
	return string(iterator.Key()[len(prefix):]), true, nil
}

// Apply makes the changes in order. It checks all of them before it makes the
// first.
func (s Store) Apply(ctx context.Context, changes []Change) error {
	if isSealed(ctx) {
		return errSealed
	}
	for _, change := range changes {
		if err := change.Validate(); err != nil {
			return err
		}
	}
	store := s.service.OpenKVStore(ctx)
	for _, change := range changes {
		var err error
		if change.Value == nil {
			err = store.Delete(toStore(change.Key))
		} else {
			err = store.Set(toStore(change.Key), append([]byte{valueMark}, *change.Value...))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Walk calls visit with every entry, in the order of the keys.
func (s Store) Walk(ctx context.Context, visit func(key, value string)) (err error) {
	iterator, err := s.service.OpenKVStore(ctx).Iterator(prefix, storetypes.PrefixEndBytes(prefix))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, iterator.Close()) }()
	for ; iterator.Valid(); iterator.Next() {
		key := string(iterator.Key()[len(prefix):])
		value, _, err := valueOf(key, iterator.Value())
		if err != nil {
			return err
		}
		visit(key, value)
	}
	return nil
}

type sealedKey struct{}

// Seal returns a context in which the store can only be read, for a block whose
// app hash is known.
func Seal(ctx sdk.Context) sdk.Context { return ctx.WithValue(sealedKey{}, true) }

func isSealed(ctx context.Context) bool { return ctx.Value(sealedKey{}) != nil }

func checkKey(key string) error {
	if len(key) > MaxKeyBytes {
		return vm.Refuse(fmt.Sprintf("kernelStore: a key of %d bytes; there may be %d", len(key), MaxKeyBytes))
	}
	return nil
}

func toStore(key string) []byte {
	raw := make([]byte, 0, len(prefix)+len(key)+1)
	return append(append(raw, prefix...), key...)
}

func valueOf(key string, raw []byte) (string, bool, error) {
	if len(raw) == 0 || raw[0] != valueMark {
		return "", false, fmt.Errorf("kernelStore: the value of %q has no mark", key)
	}
	return string(raw[1:]), true, nil
}
