package keeper

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/agd-bridge/agd-bridge/go/vm"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/capdata"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// The options of the query CapData, as on Agoric's chain.
const (
	mediaJSONLines  = "JSON Lines"
	formatFlat      = "flat"
	remotableObject = "object"
	remotableString = "string"
)

// remotables are the ways to show a remotable. There is no default, because
// each loses something.
var remotables = map[string]func(slot any, iface string) any{
	remotableObject: func(slot any, iface string) any {
		return map[string]any{"id": slot, "allegedName": strings.TrimPrefix(orRemotable(iface), "Alleged: ")}
	},
	remotableString: func(slot any, iface string) any {
		return fmt.Sprintf("[%s <%s>]", orRemotable(iface), slotText(slot))
	},
}

func orRemotable(iface string) string {
	if iface == "" {
		return "Remotable"
	}
	return iface
}

func slotText(slot any) string {
	if text, is := slot.(string); is {
		return text
	}
	text, _ := json.Marshal(slot)
	return string(text)
}

// CapData implements types.QueryServer.
func (q Querier) CapData(ctx context.Context, req *types.QueryCapDataRequest) (*types.QueryCapDataResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "empty request")
	}
	if req.MediaType != "" && req.MediaType != mediaJSONLines {
		return nil, status.Errorf(codes.InvalidArgument, "invalid media_type: expected %q: %q", mediaJSONLines, req.MediaType)
	}
	if req.ItemFormat != "" && req.ItemFormat != formatFlat {
		return nil, status.Errorf(codes.InvalidArgument, "invalid item_format: expected %q, or none: %q", formatFlat, req.ItemFormat)
	}
	show, known := remotables[req.RemotableValueFormat]
	if !known {
		return nil, status.Errorf(codes.InvalidArgument, "invalid remotable_value_format: expected %q or %q: %q", remotableObject, remotableString, req.RemotableValueFormat)
	}
	if err := types.ValidatePath(req.Path); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	value, found, err := q.keeper.Get(ctx, req.Path)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if !found {
		return nil, status.Error(codes.FailedPrecondition, "no data")
	}
	height, items := streamCell(value)
	lines := make([]string, len(items))
	for i, item := range items {
		decoded, err := capdata.Decode(item, capdata.Transformations{
			Bigint: func(digits string) any { return digits }, Remotable: show,
		})
		if err == nil && req.ItemFormat == formatFlat {
			decoded, err = flat(decoded)
		}
		if err != nil {
			return nil, status.Errorf(codes.FailedPrecondition, "values[%d]: %s", i, err)
		}
		line, err := vm.Marshal(decoded)
		if err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		lines[i] = string(line)
	}
	return &types.QueryCapDataResponse{BlockHeight: height, Value: strings.Join(lines, "\n")}, nil
}

// streamCell returns the block height and the values of a stream cell. Other
// data are one value, without a height.
func streamCell(text string) (height string, values []string) {
	var cell struct {
		BlockHeight string   `json:"blockHeight"`
		Values      []string `json:"values"`
	}
	if err := json.Unmarshal([]byte(text), &cell); err != nil || cell.BlockHeight == "" {
		return "", []string{text}
	}
	return cell.BlockHeight, cell.Values
}

// flat returns an object whose members are the leaves of a value, named by the
// path to them. A leaf stays as it is.
func flat(value any) (any, error) {
	leaves := map[string]any{}
	if err := flatten(value, nil, leaves); err != nil {
		return nil, err
	}
	if _, isLeaf := leaves[""]; isLeaf {
		return value, nil
	}
	return leaves, nil
}

func flatten(value any, path []string, leaves map[string]any) error {
	deeper := func(name string, value any) error {
		return flatten(value, append(slices.Clone(path), name), leaves)
	}
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			if err := deeper(strconv.Itoa(i), element); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, member := range value {
			if err := deeper(name, member); err != nil {
				return err
			}
		}
	default:
		name := strings.Join(path, "-")
		if _, taken := leaves[name]; taken {
			return fmt.Errorf("key conflict: %q", name)
		}
		leaves[name] = value
	}
	return nil
}
