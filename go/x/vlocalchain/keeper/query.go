package keeper

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"

	"google.golang.org/grpc/status"

	"github.com/cosmos/gogoproto/jsonpb"

	abci "github.com/cometbft/cometbft/abci/types"

	errorsmod "cosmossdk.io/errors"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/agd-bridge/agd-bridge/go/vm"
)

// answer is the outcome of one query.
type answer struct {
	Height string          `json:"height"`
	Reply  json.RawMessage `json:"reply"`
	Error  string          `json:"error"`
}

// queryMany answers queries. As on Agoric's chain it fails if exactly one query
// fails, or all do; else an answer has its query's error.
func (k *Keeper) queryMany(ctx sdk.Context, msg message) (any, error) {
	requests := make([]codectypes.Any, len(msg.Messages))
	for i, text := range msg.Messages {
		if err := jsonpb.UnmarshalString(string(text), &requests[i]); err != nil {
			return nil, &vm.Refusal{Text: fmt.Sprintf("messages[%d]: not a query of this chain", i), Cause: err}
		}
	}
	answers := make([]answer, len(requests))
	failures := 0
	var last error
	for i := range requests {
		reply, err := k.query(ctx, i, &requests[i])
		answers[i] = answer{Height: strconv.FormatInt(ctx.BlockHeight(), 10), Reply: reply}
		if err != nil {
			answers[i] = answer{Height: "0", Reply: json.RawMessage("null"), Error: err.Error()}
			failures++
			last = err
		}
	}
	switch {
	case failures == 1:
		return nil, last
	case failures > 1 && failures == len(answers):
		return nil, &vm.Refusal{Text: fmt.Sprintf("all %d queries failed: the last: %s", failures, last), Cause: last}
	}
	return answers, nil
}

// requestName matches the type of a request to a query service. Other services,
// such as those that simulate transactions, have answers that differ from node
// to node.
var requestName = regexp.MustCompile(`^/((?:[A-Za-z0-9_]+\.)*Query)([A-Z][A-Za-z0-9_]*)Request$`)

// query answers one query. Its errors are Refusals: the texts of modules'
// errors change with their versions.
func (k *Keeper) query(ctx sdk.Context, i int, request *codectypes.Any) (reply json.RawMessage, err error) {
	refused := func(cause error) error {
		codespace, code, _ := errorsmod.ABCIInfo(cause, false)
		if codespace == errorsmod.UndefinedCodespace {
			return &vm.Refusal{Text: fmt.Sprintf("messages[%d]: %s failed: %s", i, request.TypeUrl, status.Code(cause)), Cause: cause}
		}
		return &vm.Refusal{Text: fmt.Sprintf("messages[%d]: %s failed: codespace %s, code %d", i, request.TypeUrl, codespace, code), Cause: cause}
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			reply, err = nil, refused(fmt.Errorf("panic: %v", thrown))
		}
	}()
	parts := requestName.FindStringSubmatch(request.TypeUrl)
	if parts == nil {
		return nil, vm.Refuse(fmt.Sprintf("messages[%d]: %s is not a query", i, vm.Echo(request.TypeUrl)))
	}
	handler := k.queries.Route("/" + parts[1] + "/" + parts[2])
	if handler == nil {
		return nil, vm.Refuse(fmt.Sprintf("messages[%d]: no module answers %s", i, vm.Echo(request.TypeUrl)))
	}
	// A query must change nothing.
	branch, _ := ctx.CacheContext()
	response, err := handler(branch, &abci.RequestQuery{Data: request.Value, Height: ctx.BlockHeight()})
	if err != nil {
		return nil, refused(err)
	}
	return protoJSON(&codectypes.Any{TypeUrl: "/" + parts[1] + parts[2] + "Response", Value: response.Value})
}
