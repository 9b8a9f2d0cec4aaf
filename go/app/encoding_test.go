package app

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"

	swingsettypes "github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// testAddress is 20 bytes of 1.
var testAddress = sdk.AccAddress(bytes.Repeat([]byte{1}, 20))

const testAddressText = "agoric1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqwrpa2"

// kernelMessages are messages for the kernel, with the bytes and amino JSON
// that Agoric's clients write for them.
var kernelMessages = []struct {
	msg         sdk.Msg
	wire, amino string
}{
	{
		&swingsettypes.MsgWalletAction{Owner: testAddress, Action: "{}"},
		"\x0a\x14" + string(testAddress) + "\x12\x02{}",
		`{"type":"swingset/WalletAction","value":{"action":"{}","owner":"` + testAddressText + `"}}`,
	},
	{
		&swingsettypes.MsgWalletSpendAction{Owner: testAddress, SpendAction: "{}"},
		"\x0a\x14" + string(testAddress) + "\x12\x02{}",
		`{"type":"swingset/WalletSpendAction","value":{"owner":"` + testAddressText + `","spend_action":"{}"}}`,
	},
	{
		&swingsettypes.MsgProvision{Nickname: "me", Address: testAddress, PowerFlags: []string{"SMART_WALLET"}, Submitter: testAddress},
		"\x0a\x02me\x12\x14" + string(testAddress) + "\x1a\x0cSMART_WALLET\x22\x14" + string(testAddress),
		`{"type":"swingset/Provision","value":{"address":"` + testAddressText + `","nickname":"me","powerFlags":["SMART_WALLET"],"submitter":"` + testAddressText + `"}}`,
	},
	{
		&swingsettypes.MsgInstallBundle{Submitter: testAddress, CompressedBundle: []byte("z"), UncompressedSize: 3},
		"\x12\x14" + string(testAddress) + "\x1a\x01z\x20\x03",
		`{"type":"swingset/InstallBundle","value":{"bundle":"","compressedBundle":"eg==","submitter":"` + testAddressText + `","uncompressedSize":"3"}}`,
	},
	{
		&swingsettypes.MsgDeliverInbound{Messages: []string{"m"}, Nums: []uint64{4}, Ack: 2, Submitter: testAddress},
		"\x0a\x01m\x12\x01\x04\x18\x02\x22\x14" + string(testAddress),
		`{"type":"swingset/DeliverInbound","value":{"ack":"2","messages":["m"],"nums":["4"],"submitter":"` + testAddressText + `"}}`,
	},
	{
		&swingsettypes.MsgInstallBundle{Submitter: testAddress, UncompressedSize: 9, ChunkedArtifact: &swingsettypes.ChunkedArtifact{
			Sha512: "ab", SizeBytes: 2, Chunks: []*swingsettypes.ChunkInfo{{Sha512: "cd", SizeBytes: 2}},
		}},
		"\x12\x14" + string(testAddress) + "\x20\x09\x2a\x0e\x0a\x02ab\x10\x02\x1a\x06\x0a\x02cd\x10\x02",
		`{"type":"swingset/InstallBundle","value":{"bundle":"","chunkedArtifact":{"chunks":[{"sha512":"cd","size_bytes":"2"}],"sha512":"ab","size_bytes":"2"},"compressedBundle":null,"submitter":"` + testAddressText + `","uncompressedSize":"9"}}`,
	},
	{
		&swingsettypes.MsgSendChunk{ChunkedArtifactId: 3, Submitter: testAddress, ChunkIndex: 1, ChunkData: []byte("x")},
		"\x08\x03\x12\x14" + string(testAddress) + "\x18\x01\x22\x01x",
		`{"type":"/agoric.swingset.MsgSendChunk","value":{"chunkData":"eA==","chunkIndex":"1","chunkedArtifactId":"3","submitter":"` + testAddressText + `"}}`,
	},
}

func TestMessagesForTheKernelAreWrittenAndSignedAsAgoricsClientsDo(t *testing.T) {
	encoding, err := NewEncoding()
	require.NoError(t, err)
	require.NoError(t, encoding.Registry.SigningContext().Validate())
	swingsettypes.RegisterInterfaces(encoding.Registry)
	for _, row := range kernelMessages {
		builder := encoding.TxConfig.NewTxBuilder()
		require.NoError(t, builder.SetMsgs(row.msg))
		raw, err := encoding.TxConfig.TxEncoder()(builder.GetTx())
		require.NoError(t, err)
		tx, err := encoding.TxConfig.TxDecoder()(raw)
		require.NoError(t, err)
		require.Equal(t, row.msg, tx.GetMsgs()[0])
		require.Contains(t, string(raw), row.wire)

		signers, err := tx.(authsigning.SigVerifiableTx).GetSigners()
		require.NoError(t, err)
		require.Equal(t, [][]byte{testAddress}, signers)

		signed, err := authsigning.GetSignBytesAdapter(t.Context(), encoding.TxConfig.SignModeHandler(),
			signingtypes.SignMode_SIGN_MODE_LEGACY_AMINO_JSON,
			authsigning.SignerData{Address: testAddressText, ChainID: "chain"}, tx)
		require.NoError(t, err)
		require.Contains(t, string(signed), `"msgs":[`+row.amino+`]`)
	}
}
