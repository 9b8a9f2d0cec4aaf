package types

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/cosmos/cosmos-sdk/types/bech32"
)

// A hooked address is a bech32 address whose bytes are a prefix with a version,
// the bytes of a base address, data for the base address' contract, and the
// length of the base address. Source: @agoric/cosmic-proto
// src/address-hooks.js.

var hookPrefix = []byte{0x78, 0xf1, 0x70 | hookVersion}

const (
	hookVersion = 0
	lengthBytes = 2
	// hookText is how the data of a hooked address begin in bech32, after the
	// separator.
	hookText = "10rch"
)

// BaseAddress returns the base address of a hooked address, and any other text
// unchanged.
func BaseAddress(text string) string {
	if !strings.Contains(strings.ToLower(text), hookText) {
		return text // without decoding
	}
	prefix, payload, err := bech32.DecodeAndConvert(text)
	if err != nil || !bytes.HasPrefix(payload, hookPrefix) {
		return text
	}
	rest := payload[len(hookPrefix):]
	end := len(rest) - lengthBytes
	if end < 0 {
		return text
	}
	length := int(binary.BigEndian.Uint16(rest[end:]))
	if length > end {
		return text
	}
	base, err := bech32.ConvertAndEncode(prefix, rest[:length])
	if err != nil {
		return text
	}
	return base
}

// HookedAddress returns the hooked address of a base address with data. It is
// for tests.
func HookedAddress(base string, data []byte) (string, error) {
	prefix, payload, err := bech32.DecodeAndConvert(base)
	if err != nil {
		return "", err
	}
	hooked := append(append(bytes.Clone(hookPrefix), payload...), data...)
	return bech32.ConvertAndEncode(prefix, binary.BigEndian.AppendUint16(hooked, uint16(len(payload))))
}
