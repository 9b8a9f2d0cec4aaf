package app

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
	porttypes "github.com/cosmos/ibc-go/v11/modules/core/05-port/types"

	vtransferkeeper "github.com/agd-bridge/agd-bridge/go/x/vtransfer/keeper"
)

// BenchmarkUnwatchedTransfers measures 100 incoming transfers that no vat watches,
// as messages with all checks of IBC, against the same without x/vtransfer. The
// part of x/vtransfer is measured by calling the modules themselves, with and
// without it. The metric is the median quotient of the rounds:
//
//	go test ./app -run '^$' -bench UnwatchedTransfers -benchtime 101x
func BenchmarkUnwatchedTransfers(b *testing.B) {
	const transfers = 100
	c := newTestChain(b, nil)
	openTransfers(b, c)
	packets := make([]channeltypes.Packet, transfers)
	for i := range packets {
		packets[i] = transferTo(b, c, testAddressText, aDay)
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
			require.True(b, module.OnRecvPacket(ctx, "ics20-1", packet, testAddress).Success())
		}
	}
	var ratios []float64
	for b.Loop() {
		message := measure(func(ctx sdk.Context, packet channeltypes.Packet) {
			msg := channeltypes.NewMsgRecvPacket(packet, loopProof, c.proofHeight(), testAddressText)
			_, err := handler(ctx, msg)
			require.NoError(b, err)
		})
		with, without := measure(called(whole)), measure(called(whole.IBCModule))
		ratios = append(ratios, float64(message)/float64(message-(with-without)))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "with÷without")
}
