package vm_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// connect returns the two ends of a bridge over real pipes; kernel plays the VM.
func connect(t *testing.T) (agd, kernel bridge.Bridge) {
	t.Helper()
	fromKernel, toAgd, err := os.Pipe()
	require.NoError(t, err)
	fromAgd, toKernel, err := os.Pipe()
	require.NoError(t, err)
	agd = split.New(fromKernel, toKernel, split.Options{Exclusive: vm.BlockActions})
	kernel = split.New(fromAgd, toAgd, split.Options{PeerName: "agd"})
	t.Cleanup(func() {
		require.NoError(t, agd.Close())
		require.NoError(t, kernel.Close())
	})
	return agd, kernel
}

// atHeight is a downcall that answers with the height of its context.
func atHeight(ctx sdk.Context, _ []json.RawMessage) (json.RawMessage, error) {
	return json.Marshal(ctx.BlockHeight())
}

func serve(t *testing.T, agd bridge.Bridge) *vm.Controller {
	t.Helper()
	controller := vm.NewController(agd)
	require.NoError(t, controller.Serve(agd, vm.Downcalls{"test.Height": atHeight}))
	return controller
}

func TestDowncallsAreServedWithTheContextOfTheRunningAction(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		return kernel.Call(ctx, "test.Height")
	}))
	for _, height := range []int64{7, 8} {
		result, err := controller.BlockAction(sdk.Context{}.WithBlockHeight(height), vm.MethodEndBlock, struct{}{})
		require.NoError(t, err)
		require.JSONEq(t, string(must(json.Marshal(height))), string(result))
	}
}

func TestADowncallOutsideABlockActionIsAnError(t *testing.T) {
	agd, kernel := connect(t)
	serve(t, agd)
	_, err := kernel.Call(context.Background(), "test.Height")
	var remote *bridge.RemoteError
	require.ErrorAs(t, err, &remote)
	require.Equal(t, "test.Height: no block action is running", remote.Message)
}

func TestAFailedActionSaysWhich(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	require.NoError(t, kernel.Handle(vm.MethodCommitBlock, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		return nil, errors.New("disk full")
	}))
	_, err := controller.BlockAction(sdk.Context{}, vm.MethodCommitBlock, struct{}{})
	require.EqualError(t, err, "swingset.CommitBlock: disk full")
}

func TestWithoutAKernelEveryActionIsRefused(t *testing.T) {
	_, err := vm.NewController(nil).BlockAction(sdk.Context{}, vm.MethodInit, struct{}{})
	require.ErrorIs(t, err, vm.ErrNoKernel)
}

func TestASecondActionIsAnErrorAndDrainWaitsForTheFirst(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	began, end := make(chan struct{}), make(chan struct{})
	require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		close(began)
		<-end
		return json.RawMessage("true"), nil
	}))
	first := make(chan error, 1)
	go func() {
		_, err := controller.BlockAction(sdk.Context{}, vm.MethodEndBlock, struct{}{})
		first <- err
	}()
	<-began
	_, err := controller.BlockAction(sdk.Context{}, vm.MethodBeginBlock, struct{}{})
	require.ErrorIs(t, err, vm.ErrBusy)

	hurry, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, controller.Drain(hurry), context.Canceled, "the action still runs")

	close(end)
	require.NoError(t, controller.Drain(context.Background()))
	require.NoError(t, <-first)
}

func TestDrainDoesNotWaitForInit(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	began, end := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(end) })
	require.NoError(t, kernel.Handle(vm.MethodInit, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		close(began)
		<-end
		return nil, errors.New("interrupted")
	}))
	go func() {
		_, err := controller.BlockAction(sdk.Context{}, vm.MethodInit, struct{}{})
		t.Errorf("an interrupted action returned: %v", err)
	}()
	<-began
	require.NoError(t, controller.Drain(context.Background()))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
