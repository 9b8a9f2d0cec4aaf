package keeper

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

func cellOf(t *testing.T, values ...string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"blockHeight": "1", "values": values})
	require.NoError(t, err)
	return string(text)
}

const (
	trueInSmallcaps = `{"body":"#true","slots":[]}`
	trueInLegacy    = `{"body":"true","slots":[]}`
)

func TestQueryCapData(t *testing.T) {
	deep := cellOf(t,
		`{"body":"#{\"arr\":[{\"bigint\":\"+42\",\"remotable\":\"$0.Alleged: Foo brand\",\"ref2\":\"$0\"}]}","slots":["a"]}`,
		`{"body":"{\"arr\":[{\"bigint\":{\"@qclass\":\"bigint\",\"digits\":\"42\"},\"remotable\":{\"@qclass\":\"slot\",\"index\":0,\"iface\":\"Alleged: Foo brand\"},\"ref2\":{\"@qclass\":\"slot\",\"index\":0}}]}","slots":["a"]}`)
	twice := func(line string) string { return line + "\n" + line }
	type options = types.QueryCapDataRequest
	for name, test := range map[string]struct {
		data        string
		request     options
		height      string
		value       string
		code        codes.Code
		errContains string
	}{
		"empty data":              {"", options{RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, "JSON"},
		"an empty value":          {cellOf(t, trueInSmallcaps, "", trueInLegacy), options{RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, "JSON"},
		"no JSON":                 {"foo", options{RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, "invalid"},
		"a value that is no JSON": {cellOf(t, trueInSmallcaps, "foo", trueInLegacy), options{RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, "values[1]: invalid"},
		"no CapData":              {"{}", options{RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, "invalid CapData"},
		"a value that is none":    {cellOf(t, trueInSmallcaps, "{}", trueInLegacy), options{RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, "values[1]: invalid CapData"},

		"smallcaps alone":     {trueInSmallcaps, options{RemotableValueFormat: "string"}, "", "true", codes.OK, ""},
		"smallcaps in a cell": {cellOf(t, trueInSmallcaps), options{RemotableValueFormat: "string"}, "1", "true", codes.OK, ""},
		"legacy alone":        {trueInLegacy, options{RemotableValueFormat: "string"}, "", "true", codes.OK, ""},
		"legacy in a cell":    {cellOf(t, trueInLegacy), options{RemotableValueFormat: "string"}, "1", "true", codes.OK, ""},
		"an empty cell":       {cellOf(t), options{RemotableValueFormat: "string"}, "1", "", codes.OK, ""},

		"JSON Lines":               {trueInSmallcaps, options{MediaType: "JSON Lines", RemotableValueFormat: "string"}, "", "true", codes.OK, ""},
		"another media type":       {trueInSmallcaps, options{MediaType: "JSONLines", RemotableValueFormat: "string"}, "", "", codes.InvalidArgument, "media_type"},
		"another item format":      {trueInSmallcaps, options{ItemFormat: "deep", RemotableValueFormat: "string"}, "", "", codes.InvalidArgument, "item_format"},
		"no remotable format":      {trueInSmallcaps, options{}, "", "", codes.InvalidArgument, "remotable_value_format"},
		"another remotable format": {trueInSmallcaps, options{RemotableValueFormat: "foo"}, "", "", codes.InvalidArgument, "remotable_value_format"},

		"strings": {deep, options{RemotableValueFormat: "string"}, "1",
			twice(`{"arr":[{"bigint":"42","ref2":"[Alleged: Foo brand <a>]","remotable":"[Alleged: Foo brand <a>]"}]}`), codes.OK, ""},
		"flat strings": {deep, options{ItemFormat: "flat", RemotableValueFormat: "string"}, "1",
			twice(`{"arr-0-bigint":"42","arr-0-ref2":"[Alleged: Foo brand <a>]","arr-0-remotable":"[Alleged: Foo brand <a>]"}`), codes.OK, ""},
		"objects": {deep, options{RemotableValueFormat: "object"}, "1",
			twice(`{"arr":[{"bigint":"42","ref2":{"allegedName":"Foo brand","id":"a"},"remotable":{"allegedName":"Foo brand","id":"a"}}]}`), codes.OK, ""},
		"flat objects": {deep, options{ItemFormat: "flat", RemotableValueFormat: "object"}, "1",
			twice(`{"arr-0-bigint":"42","arr-0-ref2-allegedName":"Foo brand","arr-0-ref2-id":"a","arr-0-remotable-allegedName":"Foo brand","arr-0-remotable-id":"a"}`), codes.OK, ""},

		"a flat scalar":          {trueInSmallcaps, options{ItemFormat: "flat", RemotableValueFormat: "string"}, "", "true", codes.OK, ""},
		"flat names that clash":  {`{"body":"#{\"a\":{\"b\":1},\"a-b\":2}","slots":[]}`, options{ItemFormat: "flat", RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, `key conflict: "a-b"`},
		"a remotable of no name": {`{"body":"#\"$0\"","slots":[null]}`, options{RemotableValueFormat: "string"}, "", `"[Remotable <null>]"`, codes.OK, ""},
		"an object of no name":   {`{"body":"#\"$0.\"","slots":["a"]}`, options{RemotableValueFormat: "object"}, "", `{"allegedName":"Remotable","id":"a"}`, codes.OK, ""},
		"unescaped text":         {`{"body":"#\"<>&\"","slots":[]}`, options{RemotableValueFormat: "string"}, "", `"<>&"`, codes.OK, ""},
		"a copySet":              {`{"body":"#{\"#tag\":\"copySet\",\"payload\":[]}","slots":[]}`, options{RemotableValueFormat: "string"}, "", "", codes.FailedPrecondition, "not implemented"},
	} {
		k, ctx := newKeeper(t)
		set(t, k, ctx, "key", test.data)
		request := test.request
		request.Path = "key"
		response, err := NewQuerier(k).CapData(ctx, &request)
		assert.Equal(t, test.code, status.Code(err), "%s: %v", name, err)
		if test.code != codes.OK {
			assert.ErrorContains(t, err, test.errContains, name)
			continue
		}
		assert.Equal(t, &types.QueryCapDataResponse{BlockHeight: test.height, Value: test.value}, response, name)
	}
}

func TestQueryCapDataWithoutData(t *testing.T) {
	k, ctx := newKeeper(t)
	_, err := NewQuerier(k).CapData(ctx, &types.QueryCapDataRequest{Path: "key", RemotableValueFormat: "string"})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.ErrorContains(t, err, "no data")
	_, err = NewQuerier(k).CapData(ctx, &types.QueryCapDataRequest{Path: "a/b", RemotableValueFormat: "string"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = NewQuerier(k).CapData(ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}
