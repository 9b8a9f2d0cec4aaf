package types

import (
	"crypto/sha512"
	"encoding/hex"
	"math"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// A bundle that is too large for one transaction is sent in chunks. The
// messages, limits and texts of errors are those of Agoric's chain, for its
// clients.

var _ sdk.HasValidateBasic = (*MsgSendChunk)(nil)

// hashDigits is the length of a SHA-512 in hexadecimal.
const hashDigits = sha512.Size * 2

// ValidateBasic implements sdk.HasValidateBasic.
func (m *MsgSendChunk) ValidateBasic() error {
	if m.ChunkedArtifactId == 0 {
		return errorsmod.Wrap(sdkerrors.ErrUnknownRequest, "Chunked artifact id must be positive")
	}
	if err := checkAddress("submitter", m.Submitter); err != nil {
		return err
	}
	if len(m.ChunkData) == 0 {
		return errorsmod.Wrap(sdkerrors.ErrUnknownRequest, "Chunk data cannot be empty")
	}
	return nil
}

// ValidateBasic checks the list of chunks by itself.
func (a *ChunkedArtifact) ValidateBasic() error {
	wrong := func(format string, args ...any) error {
		return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, format, args...)
	}
	if len(a.Chunks) == 0 {
		return wrong("Bundle chunks cannot be empty")
	}
	if len(a.Sha512) != hashDigits {
		return wrong("Bundle hash must be %d characters", hashDigits)
	}
	if !isHex(a.Sha512) {
		return wrong("Bundle hash must be a hex byte string")
	}
	var total uint64
	for i, chunk := range a.Chunks {
		switch {
		case chunk == nil:
			return wrong("chunk %d is nil", i)
		case total > math.MaxUint64-chunk.SizeBytes:
			return wrong("bundle size overflows uint64 at chunk %d", i)
		case len(chunk.Sha512) != hashDigits:
			return wrong("Chunk %d hash must be %d characters", i, hashDigits)
		case !isHex(chunk.Sha512):
			return wrong("Chunk %d hash must be a hex byte string", i)
		}
		if _, known := ChunkState_name[int32(chunk.State)]; !known {
			return wrong("Chunk %d state %s is unrecognized", i, chunk.State)
		}
		total += chunk.SizeBytes
	}
	if a.SizeBytes != total {
		return wrong("bundle size %d does not match total chunk sizes %d", a.SizeBytes, total)
	}
	return nil
}

func isHex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil
}

// validateChunks checks the list of chunks against the limits.
func (p Params) validateChunks(artifact *ChunkedArtifact) error {
	wrong := func(format string, args ...any) error {
		return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, format, args...)
	}
	if artifact.SizeBytes == 0 || artifact.SizeBytes >= uint64(p.BundleUncompressedSizeLimitBytes) {
		return wrong("Bundle size out of range")
	}
	if most := p.maxChunks(); int64(len(artifact.Chunks)) > most {
		return wrong("Number of bundle chunks must be less than %d", most)
	}
	for i, chunk := range artifact.Chunks {
		if chunk.SizeBytes == 0 || chunk.SizeBytes > uint64(p.ChunkSizeLimitBytes) {
			return wrong("Chunk %d size out of range", i)
		}
	}
	return nil
}

// maxChunks returns how many chunks a bundle may have.
func (p Params) maxChunks() int64 {
	return (p.BundleUncompressedSizeLimitBytes + p.ChunkSizeLimitBytes - 1) / p.ChunkSizeLimitBytes
}

// ValidateBundle checks an installation against the parameters.
func (p Params) ValidateBundle(m *MsgInstallBundle) error {
	p = p.Completed()
	if m.BundleSize() >= uint64(p.BundleUncompressedSizeLimitBytes) {
		return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, "Uncompressed size out of range: the bundle has %d bytes, of less than %d (bundle_uncompressed_size_limit_bytes)",
			m.BundleSize(), p.BundleUncompressedSizeLimitBytes)
	}
	if m.ChunkedArtifact == nil {
		return nil
	}
	return p.validateChunks(m.ChunkedArtifact)
}

// ValidateChunk checks a chunk against the parameters.
func (p Params) ValidateChunk(m *MsgSendChunk) error {
	p = p.Completed()
	if int64(len(m.ChunkData)) > p.ChunkSizeLimitBytes {
		return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, "Chunk size must be at most %d bytes", p.ChunkSizeLimitBytes)
	}
	if most := p.maxChunks(); m.ChunkIndex >= uint64(most) {
		return errorsmod.Wrapf(sdkerrors.ErrUnknownRequest, "Chunk index must be less than %d", most)
	}
	return nil
}

// SentBytes returns the size of the bundle as the message has it.
func (m *MsgInstallBundle) SentBytes() int {
	return max(len(m.Bundle), len(m.CompressedBundle))
}

// InChunks returns the message that announces a bundle in chunks of at most
// size bytes, and the chunks' data. The bundle is compressed as it is in m.
func (m *MsgInstallBundle) InChunks(size int) (*MsgInstallBundle, [][]byte) {
	data := m.CompressedBundle
	if len(m.Bundle) > 0 {
		data = []byte(m.Bundle)
	}
	artifact := &ChunkedArtifact{Sha512: hashOf(data), SizeBytes: uint64(len(data))}
	var chunks [][]byte
	for len(data) > 0 {
		n := min(size, len(data))
		chunks = append(chunks, data[:n])
		artifact.Chunks = append(artifact.Chunks, &ChunkInfo{Sha512: hashOf(data[:n]), SizeBytes: uint64(n)})
		data = data[n:]
	}
	return &MsgInstallBundle{Submitter: m.Submitter, UncompressedSize: m.UncompressedSize, ChunkedArtifact: artifact}, chunks
}

func hashOf(data []byte) string {
	sum := sha512.Sum512(data)
	return hex.EncodeToString(sum[:])
}
