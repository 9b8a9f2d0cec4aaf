package replay

import (
	"context"
	"errors"
	"os"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/proxy"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

// background is the context of calls that end with the chain's work.
var background = context.Background()

// pipedBridge returns agd's end and the VM's end of a bridge through two pipes
// of this process.
func pipedBridge(limits bridge.Limits) (ends [2]bridge.Bridge, err error) {
	fromVM, toAgd, err := os.Pipe()
	if err != nil {
		return ends, err
	}
	fromAgd, toVM, err := os.Pipe()
	if err != nil {
		return ends, errors.Join(err, fromVM.Close(), toAgd.Close())
	}
	return [2]bridge.Bridge{
		split.New(fromVM, toVM, bridge.Options{
			PeerName: contract.VMName, Limits: limits, Exclusive: vm.BlockActions, Requests: vm.DowncallMethods,
		}),
		split.New(fromAgd, toAgd, bridge.Options{PeerName: "agd", Limits: limits}),
	}, nil
}

// hashing keeps the app hash of the last executed block, also if its commit
// fails.
type hashing struct {
	proxy.AppConnConsensus
	hash []byte
}

// FinalizeBlock implements proxy.AppConnConsensus.
func (h *hashing) FinalizeBlock(ctx context.Context, request *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	response, err := h.AppConnConsensus.FinalizeBlock(ctx, request)
	if err == nil {
		h.hash = response.AppHash
	}
	return response, err
}
