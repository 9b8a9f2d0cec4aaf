package vm_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

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
	agd = split.New(fromKernel, toKernel, bridge.Options{Exclusive: vm.BlockActions})
	kernel = split.New(fromAgd, toAgd, bridge.Options{PeerName: "agd"})
	t.Cleanup(func() {
		require.NoError(t, agd.Close())
		require.NoError(t, kernel.Close())
	})
	return agd, kernel
}

// size is a downcall that returns the height of its context.
const size = "vstorage.Size"

func atHeight(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
	return json.Marshal(sdk.UnwrapSDKContext(ctx).BlockHeight())
}

var path = json.RawMessage(`"a"`)

// block is an action as x/swingset sends it.
var block = map[string]int64{"blockHeight": 1, "blockTime": 2}

var initAction = json.RawMessage(`{
	"blockHeight": 1, "blockTime": 2, "chainID": "test", "isBootstrap": true, "supplyCoins": [],
	"params": {
		"beans_per_unit": [], "bootstrap_vat_config": "", "fee_unit_price": [],
		"power_flag_fees": [], "queue_max": [], "vat_cleanup_budget": []
	}
}`)

func serve(t *testing.T, agd bridge.Bridge) *vm.Controller {
	t.Helper()
	controller := vm.NewController(agd)
	require.NoError(t, controller.Serve(agd, vm.Downcalls{size: atHeight}))
	return controller
}

func TestDowncallsAreServedWithTheContextOfTheRunningAction(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	var heights []string
	require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
		height, err := kernel.Call(ctx, size, path)
		heights = append(heights, string(height))
		return nil, err
	}))
	for _, height := range []int64{7, 8} {
		_, err := controller.BlockAction(sdk.Context{}.WithBlockHeight(height), vm.MethodEndBlock, block)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"7", "8"}, heights)
}

func TestADowncallOutsideABlockActionIsAnError(t *testing.T) {
	agd, kernel := connect(t)
	serve(t, agd)
	_, err := kernel.Call(context.Background(), size, path)
	var remote *bridge.RemoteError
	require.ErrorAs(t, err, &remote)
	require.Equal(t, "vstorage.Size: no block action is running", remote.Message)
}

func TestAFailedActionSaysWhich(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	require.NoError(t, kernel.Handle(vm.MethodCommitBlock, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		return nil, errors.New("disk full")
	}))
	_, err := controller.BlockAction(sdk.Context{}, vm.MethodCommitBlock, block)
	require.EqualError(t, err, "swingset.CommitBlock: disk full")
}

func TestWithoutAKernelEveryActionIsRefused(t *testing.T) {
	_, err := vm.NewController(nil).BlockAction(sdk.Context{}, vm.MethodInit, block)
	require.ErrorIs(t, err, vm.ErrNoKernel)
}

func TestASecondActionIsAnErrorAndDrainWaitsForTheFirst(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	began, end := make(chan struct{}), make(chan struct{})
	require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		close(began)
		<-end
		return nil, nil
	}))
	first := make(chan error, 1)
	go func() {
		_, err := controller.BlockAction(sdk.Context{}, vm.MethodEndBlock, block)
		first <- err
	}()
	<-began
	_, err := controller.BlockAction(sdk.Context{}, vm.MethodBeginBlock, block)
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
		_, err := controller.BlockAction(sdk.Context{}, vm.MethodInit, initAction)
		t.Errorf("an interrupted action returned: %v", err)
	}()
	<-began
	require.NoError(t, controller.Drain(context.Background()))
}

func TestDrainWaitsForBothStoresToCommitABlock(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	for _, method := range []string{vm.MethodCommitBlock, vm.MethodAfterCommitBlock} {
		require.NoError(t, kernel.Handle(method, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			return nil, nil
		}))
	}
	_, err := controller.BlockAction(sdk.Context{}, vm.MethodCommitBlock, block)
	require.NoError(t, err)
	drained := make(chan error, 1)
	go func() { drained <- controller.Drain(context.Background()) }()
	select {
	case <-drained:
		t.Fatal("drained between the two commits")
	case <-time.After(50 * time.Millisecond):
	}
	_, err = controller.BlockAction(sdk.Context{}, vm.MethodAfterCommitBlock, block)
	require.NoError(t, err)
	require.NoError(t, <-drained)
	go func() {
		_, err := controller.BlockAction(sdk.Context{}, vm.MethodAfterCommitBlock, block)
		t.Errorf("an action began after all: %v", err)
	}()
}

func TestAnActionThatBreaksItsSchemaIsNotSent(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		t.Error("sent")
		return nil, nil
	}))
	_, err := controller.BlockAction(sdk.Context{}, vm.MethodEndBlock, map[string]any{"blockHeight": "1", "blockTime": 2})
	var local *bridge.LocalError
	require.ErrorAs(t, err, &local)
	require.EqualError(t, err, "swingset.EndBlock: params[0].blockHeight: expected non-negative integer")
}

func TestAnAnswerThatBreaksItsSchemaIsAProtocolError(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
		return json.RawMessage("true"), nil
	}))
	_, err := controller.BlockAction(sdk.Context{}, vm.MethodEndBlock, block)
	var protocol *bridge.ProtocolError
	require.ErrorAs(t, err, &protocol)
	require.EqualError(t, err, "swingset.EndBlock: result: expected null")
}

func TestADowncallThatBreaksItsSchemaIsARemoteError(t *testing.T) {
	for _, c := range []struct {
		name, param, answer, message string
	}{
		{"params", "7", "0", "vstorage.Size: params[0]: expected string"},
		{"result", `"a"`, "-1", "result: expected non-negative integer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			agd, kernel := connect(t)
			controller := vm.NewController(agd)
			require.NoError(t, controller.Serve(agd, vm.Downcalls{
				size: func(context.Context, []json.RawMessage) (json.RawMessage, error) {
					return json.RawMessage(c.answer), nil
				},
			}))
			var refused error
			require.NoError(t, kernel.Handle(vm.MethodEndBlock, func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
				_, refused = kernel.Call(ctx, size, json.RawMessage(c.param))
				return nil, nil
			}))
			_, err := controller.BlockAction(sdk.Context{}, vm.MethodEndBlock, block)
			require.NoError(t, err)
			var remote *bridge.RemoteError
			require.ErrorAs(t, refused, &remote)
			require.Equal(t, c.message, remote.Message)
		})
	}
}

func TestADowncallThatIsNotInTheTableIsNotServed(t *testing.T) {
	agd, _ := connect(t)
	err := vm.NewController(agd).Serve(agd, vm.Downcalls{"vbank.Mint": atHeight})
	require.EqualError(t, err, `no downcall "vbank.Mint" in methods.json`)
}

func TestABlockIsOpenUntilTheKernelHasCommittedIt(t *testing.T) {
	agd, kernel := connect(t)
	controller := serve(t, agd)
	results := map[string]json.RawMessage{
		vm.MethodInit: json.RawMessage("true"), vm.MethodEndBlock: json.RawMessage("null"),
		vm.MethodCommitBlock: json.RawMessage("null"), vm.MethodAfterCommitBlock: json.RawMessage("null"),
	}
	var open []bool
	for _, method := range vm.BlockActions {
		require.NoError(t, kernel.Handle(method, func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			open = append(open, controller.BlockOpen())
			return results[method], nil
		}))
	}
	run := func(method string, action any) bool {
		_, err := controller.BlockAction(sdk.Context{}, method, action)
		require.NoError(t, err)
		return controller.BlockOpen()
	}
	require.False(t, controller.BlockOpen())
	require.False(t, run(vm.MethodInit, initAction))
	require.True(t, run(vm.MethodEndBlock, block))
	require.False(t, run(vm.MethodCommitBlock, block))
	require.False(t, run(vm.MethodAfterCommitBlock, block))
	require.Equal(t, []bool{true, true, true, false}, open)
}
