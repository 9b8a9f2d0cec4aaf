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

// MaxBundleSize is more than any bundle may have, in bytes, uncompressed.
const MaxBundleSize = 10 << 20

// ValidateBasic implements sdk.HasValidateBasic. A compressed bundle is not
// opened: that it keeps its word, Uncompressed finds out.
func (m *MsgInstallBundle) ValidateBasic() error {
	if err := checkAddress("submitter", m.Submitter); err != nil {
		return err
	}
	plain, compressed := len(m.Bundle) > 0, len(m.CompressedBundle) > 0
	var wrong string
	switch {
	case !plain && !compressed:
		wrong = "the bundle is empty"
	case plain && compressed:
		wrong = "bundle and compressedBundle exclude each other"
	case plain && m.UncompressedSize != 0:
		wrong = "uncompressedSize belongs to a compressedBundle"
	case compressed && m.UncompressedSize <= 0:
		wrong = "uncompressedSize must be positive"
	case len(m.Bundle) >= MaxBundleSize, m.UncompressedSize >= MaxBundleSize:
		wrong = fmt.Sprintf("the bundle is too large: %d bytes, of less than %d", m.BundleSize(), MaxBundleSize)
	default:
		return nil
	}
	return errorsmod.Wrap(sdkerrors.ErrUnknownRequest, wrong)
}

// BundleSize is how many bytes the bundle has, uncompressed, as the message
// says.
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

// Uncompressed returns the message with its bundle as it is. It reads no more
// than the size that the message says, and fails if that is not the bundle's.
// The message must be valid.
func (m *MsgInstallBundle) Uncompressed() (*MsgInstallBundle, error) {
	if len(m.Bundle) > 0 {
		return m, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(m.CompressedBundle))
	if err != nil {
		return nil, errorsmod.Wrapf(sdkerrors.ErrInvalidRequest, "compressedBundle: %s", err)
	}
	// One byte more tells whether there is more.
	bundle, err := io.ReadAll(io.LimitReader(reader, m.UncompressedSize+1))
	if err != nil {
		return nil, errorsmod.Wrapf(sdkerrors.ErrInvalidRequest, "compressedBundle: %s", err)
	}
	if int64(len(bundle)) != m.UncompressedSize {
		return nil, errorsmod.Wrap(sdkerrors.ErrInvalidRequest, "uncompressedSize is not the size of the bundle")
	}
	return &MsgInstallBundle{Bundle: string(bundle), Submitter: m.Submitter}, nil
}

// IsBundle tells whether a text is a JSON object. Of other JSON, such as null,
// the kernel fails the block.
func IsBundle(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return strings.HasPrefix(text, "{") && json.Valid([]byte(text))
}
