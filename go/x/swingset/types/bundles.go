package types

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// MaxBundleSize bounds the uncompressed size of a bundle, in bytes. The
// parameter bundle_uncompressed_size_limit_bytes is at most this.
const MaxBundleSize = 10 << 20

// ValidateBasic implements sdk.HasValidateBasic. It does not decompress a
// bundle; Uncompressed checks the declared size.
func (m *MsgInstallBundle) ValidateBasic() error {
	if err := checkAddress("submitter", m.Submitter); err != nil {
		return err
	}
	plain, compressed, chunked := len(m.Bundle) > 0, len(m.CompressedBundle) > 0, m.ChunkedArtifact != nil
	var wrong string
	switch {
	case !plain && !compressed && !chunked:
		wrong = "the bundle is empty"
	case plain && compressed, plain && chunked, compressed && chunked:
		wrong = "bundle, compressedBundle and chunkedArtifact exclude each other"
	case chunked && m.UncompressedSize < 0:
		wrong = "uncompressedSize must not be negative"
	case plain && m.UncompressedSize != 0:
		wrong = "uncompressedSize belongs to a compressedBundle"
	case compressed && m.UncompressedSize <= 0:
		wrong = "uncompressedSize must be positive"
	case len(m.Bundle) >= MaxBundleSize, m.UncompressedSize >= MaxBundleSize:
		wrong = fmt.Sprintf("the bundle is too large: %d bytes, of less than %d", m.BundleSize(), MaxBundleSize)
	case chunked:
		return m.ChunkedArtifact.ValidateBasic()
	default:
		return nil
	}
	return errorsmod.Wrap(sdkerrors.ErrUnknownRequest, wrong)
}

// BundleSize returns the declared size of the uncompressed bundle, in bytes.
func (m *MsgInstallBundle) BundleSize() uint64 {
	if m.UncompressedSize > 0 {
		return uint64(m.UncompressedSize)
	}
	return uint64(len(m.Bundle))
}

// Compressed returns the message with its bundle compressed.
func (m *MsgInstallBundle) Compressed() (*MsgInstallBundle, error) {
	if len(m.Bundle) == 0 {
		return m, nil
	}
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := io.WriteString(writer, m.Bundle); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return &MsgInstallBundle{
		Submitter:        m.Submitter,
		CompressedBundle: out.Bytes(),
		UncompressedSize: int64(len(m.Bundle)),
	}, nil
}

// Uncompressed returns the message with its bundle uncompressed. It reads no
// more than the declared size, and fails if the bundle has another size. The
// message must be valid.
func (m *MsgInstallBundle) Uncompressed() (*MsgInstallBundle, error) {
	if len(m.Bundle) > 0 {
		return m, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(m.CompressedBundle))
	if err != nil {
		return nil, errorsmod.Wrapf(sdkerrors.ErrInvalidRequest, "compressedBundle: %s", err)
	}
	// One byte more shows whether the bundle is longer.
	bundle, err := io.ReadAll(io.LimitReader(reader, m.UncompressedSize+1))
	if err != nil {
		return nil, errorsmod.Wrapf(sdkerrors.ErrInvalidRequest, "compressedBundle: %s", err)
	}
	if int64(len(bundle)) != m.UncompressedSize {
		return nil, errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "uncompressedSize is not the size of the bundle")
	}
	return &MsgInstallBundle{Bundle: string(bundle), Submitter: m.Submitter}, nil
}

// IsBundle reports whether a text is a JSON object. Other JSON, such as null,
// makes the kernel fail the block.
func IsBundle(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return strings.HasPrefix(text, "{") && json.Valid([]byte(text))
}
