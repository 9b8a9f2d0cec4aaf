package app

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/tx"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
)

// nested returns a transaction of a proposal within a proposal, and so on. Its
// body is one more level.
func nested(t *testing.T, proposals int, innermost ...*codectypes.Any) []byte {
	t.Helper()
	messages := innermost
	for range proposals {
		content, err := (&govtypes.MsgSubmitProposal{Title: "t", Messages: messages}).Marshal()
		require.NoError(t, err)
		messages = []*codectypes.Any{{TypeUrl: "/cosmos.gov.v1.MsgSubmitProposal", Value: content}}
	}
	body, err := (&tx.TxBody{Messages: messages}).Marshal()
	require.NoError(t, err)
	raw, err := (&tx.TxRaw{BodyBytes: body, AuthInfoBytes: []byte{}}).Marshal()
	require.NoError(t, err)
	return raw
}

func TestNestingOfATransactionIsBounded(t *testing.T) {
	encoding, err := NewEncoding()
	require.NoError(t, err)
	govtypes.RegisterInterfaces(encoding.Registry)
	reached := errors.New("decoded")
	decode := boundNesting(func([]byte) (sdk.Tx, error) { return nil, reached }, encoding.Registry)

	for _, row := range []struct {
		name    string
		tx      []byte
		tooDeep bool
	}{
		{"nothing", nil, false},
		{"bytes that are no message", []byte{0xff, 0xff, 0xff}, false},
		{"one message", nested(t, 1), false},
		{"as deep as may be", nested(t, maxNesting-1), false},
		{"one level too deep", nested(t, maxNesting), true},
		{"an Any without content one level too deep", nested(t, maxNesting-1, &codectypes.Any{TypeUrl: "/x"}), true},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := decode(row.tx)
			want := reached
			if row.tooDeep {
				want = sdkerrors.ErrTxDecode
			}
			require.ErrorIs(t, err, want)
		})
	}

	_, err = encoding.TxConfig.TxDecoder()(nested(t, maxNesting))
	require.EqualError(t, err, "messages are nested deeper than 64 levels: tx parse error")
}
