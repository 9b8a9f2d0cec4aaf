package keeper

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

func TestABundleReachesTheKernelUncompressed(t *testing.T) {
	f := newFixture(t)
	server := NewMsgServer(f.Keeper)
	plain := &types.MsgInstallBundle{Bundle: `{"a":1}`, Submitter: owner}
	compressed, err := plain.Compressed()
	require.NoError(t, err)
	require.Empty(t, compressed.Bundle)
	require.Equal(t, uint64(7), compressed.BundleSize())
	for _, msg := range []*types.MsgInstallBundle{plain, compressed} {
		_, err := server.InstallBundle(f.inTx(), msg)
		require.NoError(t, err)
	}
	action := `{"type":"INSTALL_BUNDLE","blockHeight":9,"blockTime":1000,"bundle":"{\"a\":1}","submitter":"` + owner.String() +
		`","compressedBundle":null,"uncompressedSize":0}`
	f.requireQueued(t, "actionQueue", action, action)
}

func TestABundleThatIsNotWhatTheMessageSaysIsRefused(t *testing.T) {
	f := newFixture(t)
	server := NewMsgServer(f.Keeper)
	good, err := (&types.MsgInstallBundle{Bundle: `{"a":1}`, Submitter: owner}).Compressed()
	require.NoError(t, err)
	zip := good.CompressedBundle
	for _, row := range []struct {
		msg  types.MsgInstallBundle
		want error
	}{
		{types.MsgInstallBundle{}, sdkerrors.ErrUnknownRequest},
		{types.MsgInstallBundle{Bundle: "{}", CompressedBundle: zip, UncompressedSize: 7}, sdkerrors.ErrUnknownRequest},
		{types.MsgInstallBundle{Bundle: "{}", UncompressedSize: 2}, sdkerrors.ErrUnknownRequest},
		{types.MsgInstallBundle{CompressedBundle: zip}, sdkerrors.ErrUnknownRequest},
		{types.MsgInstallBundle{CompressedBundle: zip, UncompressedSize: -1}, sdkerrors.ErrUnknownRequest},
		{types.MsgInstallBundle{CompressedBundle: zip, UncompressedSize: types.MaxBundleSize}, sdkerrors.ErrUnknownRequest},
		{types.MsgInstallBundle{CompressedBundle: zip, UncompressedSize: 6}, sdkerrors.ErrInvalidRequest},
		{types.MsgInstallBundle{CompressedBundle: zip, UncompressedSize: 8}, sdkerrors.ErrInvalidRequest},
		{types.MsgInstallBundle{CompressedBundle: zip[:len(zip)-1], UncompressedSize: 7}, sdkerrors.ErrInvalidRequest},
		{types.MsgInstallBundle{Bundle: "null"}, sdkerrors.ErrInvalidRequest},
		{types.MsgInstallBundle{Bundle: "{"}, sdkerrors.ErrInvalidRequest},
		{types.MsgInstallBundle{CompressedBundle: []byte("no gzip"), UncompressedSize: 7}, sdkerrors.ErrInvalidRequest},
	} {
		row.msg.Submitter = owner
		_, err := server.InstallBundle(f.inTx(), &row.msg)
		require.ErrorIs(t, err, row.want)
	}
	_, err = server.InstallBundle(f.inTx(), &types.MsgInstallBundle{Bundle: "{}"})
	require.ErrorIs(t, err, sdkerrors.ErrInvalidAddress)
	f.requireQueued(t, "actionQueue")
}

func TestAPeersMessagesAreQueuedWithTheirNumbers(t *testing.T) {
	f := newFixture(t)
	server := NewMsgServer(f.Keeper)
	_, err := server.DeliverInbound(f.inTx(), &types.MsgDeliverInbound{
		Messages: []string{"a", "b"}, Nums: []uint64{4, 5}, Ack: 3, Submitter: owner,
	})
	require.NoError(t, err)
	f.requireQueued(t, "actionQueue", `{"type":"DELIVER_INBOUND","blockHeight":9,"blockTime":1000,"peer":"`+owner.String()+
		`","messages":[[4,"a"],[5,"b"]],"ack":3}`)
	for _, msg := range []types.MsgDeliverInbound{
		{Messages: []string{"a"}, Submitter: owner},
		{Messages: []string{""}, Nums: []uint64{1}, Submitter: owner},
	} {
		_, err := server.DeliverInbound(f.inTx(), &msg)
		require.ErrorIs(t, err, sdkerrors.ErrUnknownRequest)
	}
	for _, msg := range []types.MsgDeliverInbound{
		{Messages: []string{"a"}, Nums: []uint64{1 << 53}, Submitter: owner}, {Ack: 1 << 53, Submitter: owner},
	} {
		_, err := server.DeliverInbound(f.inTx(), &msg)
		require.ErrorIs(t, err, sdkerrors.ErrInvalidRequest, "the kernel would fail the block")
	}
	_, err = server.DeliverInbound(f.inTx(), &types.MsgDeliverInbound{})
	require.ErrorIs(t, err, sdkerrors.ErrInvalidAddress)
}
