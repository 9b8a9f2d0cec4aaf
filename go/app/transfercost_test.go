package app

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	porttypes "github.com/cosmos/ibc-go/v11/modules/core/05-port/types"

	vtransferkeeper "github.com/agd-bridge/agd-bridge/go/x/vtransfer/keeper"
)

// TestTheCostOfWatchingTransfers measures 100 incoming transfers that no vat
// watches, as messages with all checks of IBC, against the same without
// x/vtransfer. The part of x/vtransfer is measured by calling the modules
// themselves, with and without it. AGD_MEASURE=1 runs it.
func TestTheCostOfWatchingTransfers(t *testing.T) {
	if os.Getenv("AGD_MEASURE") == "" {
		t.Skip("set AGD_MEASURE=1 to measure")
	}
	const transfers, rounds = 100, 101
	c := newTestChain(t, nil)
	openTransfers(t, c)
	packets := make([]channeltypes.Packet, transfers)
	for i := range packets {
		packets[i] = transferTo(t, c, testAddressText, aDay)
	}
	module, _ := c.IBC.PortKeeper.Route("transfer")
	whole := module.(*vtransferkeeper.Middleware)
	handler := c.MsgServiceRouter().Handler(&channeltypes.MsgRecvPacket{})

	// Each in a block of its own, whose changes are discarded.
	measure := func(receive func(ctx sdk.Context, packet channeltypes.Packet)) time.Duration {
		ctx, _ := c.committed().CacheContext()
		began := time.Now()
		for _, packet := range packets {
			receive(ctx, packet)
		}
		return time.Since(began)
	}
	called := func(module porttypes.IBCModule) func(ctx sdk.Context, packet channeltypes.Packet) {
		return func(ctx sdk.Context, packet channeltypes.Packet) {
			require.True(t, module.OnRecvPacket(ctx, "ics20-1", packet, testAddress).Success())
		}
	}
	ratios := make([]float64, rounds)
	for i := range ratios {
		message := measure(func(ctx sdk.Context, packet channeltypes.Packet) {
			msg := channeltypes.NewMsgRecvPacket(packet, loopProof, c.proofHeight(), testAddressText)
			_, err := handler(ctx, msg)
			require.NoError(t, err)
		})
		with, without := measure(called(whole)), measure(called(whole.IBCModule))
		ratios[i] = float64(message) / float64(message-(with-without))
	}
	slices.Sort(ratios)
	ratio := ratios[rounds/2]
	t.Logf("%d incoming transfers, x/vtransfer and nobody registered ÷ without it: %.3f (quartiles %.3f … %.3f)",
		transfers, ratio, ratios[rounds/4], ratios[rounds*3/4])
	require.LessOrEqual(t, ratio, 1.10)
}
