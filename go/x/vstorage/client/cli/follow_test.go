package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client/flags"
)

// errGone is the error of a node that does not answer or does not keep a
// height.
var errGone = errors.New("gone")

// testNode has the data of a path by height; errGone where there is an error.
type testNode struct {
	data   map[int64]any
	latest int64
}

func (n *testNode) at(height int64) (string, int64, error) {
	if height == 0 {
		height = n.latest
	}
	switch data := n.data[height].(type) {
	case string:
		return data, height, nil
	case error:
		return "", 0, data
	default:
		return "", height, &NoDataError{Path: "a"}
	}
}

// steps runs a follower. After its start each look at the latest height is
// preceded by a step, which changes the node.
func steps(t *testing.T, node *testNode, steps ...func()) (said []string, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	blocks := make(chan struct{})
	started := false
	f := follower{
		path: "a",
		data: func(height int64) (string, int64, error) {
			if height == 0 && started && len(steps) > 0 {
				steps[0]()
				steps = steps[1:]
			}
			started = true
			return node.at(height)
		},
		blocks: func() (<-chan struct{}, func(), error) { return blocks, func() {}, nil },
		show: func(c change) error {
			value := "none"
			if c.value != nil {
				value = *c.value
			}
			said = append(said, fmt.Sprintf("%d %s", c.height, value))
			return nil
		},
		remark: func(text string) { said = append(said, text) },
		look:   time.Hour,
	}
	count := len(steps)
	go func() {
		defer cancel()
		for range count + 1 { // the follower has looked after the last step
			select {
			case blocks <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}()
	err = f.run(ctx)
	return said, err
}

func TestAFollowerPrintsEachChangeOnce(t *testing.T) {
	node := &testNode{latest: 3, data: map[int64]any{3: "x", 4: "x", 5: "y", 6: errGone, 7: "", 9: "z"}}
	gone := *node
	move := func(to int64) func() { return func() { node.latest = to } }
	said, err := steps(t, node, move(4), move(7), move(8), func() { node.data[8] = errGone }, func() { node.data[8] = nil }, move(9))
	require.NoError(t, err)
	require.Equal(t, []string{
		"3 x", "5 y", "7 ", "8 none",
		"the node does not answer: waiting for it: gone", "the node answers again, at height 8", "9 z",
	}, said)
	gone.latest = 6 // its state is not there
	_, err = steps(t, &gone)
	require.ErrorIs(t, err, errGone, "at the start a node must answer")
}

func TestAChangeIsOneLineForPrograms(t *testing.T) {
	value, cell := "a<b>", `{"blockHeight":"7","values":["{}"]}`
	for want, c := range map[string]struct {
		value  *string
		shown  bool
		format string
	}{
		"{\"height\":\"8\",\"value\":\"a<b>\"}\n": {&value, false, flags.OutputFormatJSON},
		"{\"height\":\"8\",\"value\":null}\n":     {nil, false, flags.OutputFormatJSON},
		"height 8: a<b>\n":                        {&value, false, flags.OutputFormatText},
		"height 8: no data\n":                     {nil, true, flags.OutputFormatJSON},
		"height 8:\n  a<b>\n":                     {&value, true, flags.OutputFormatText},
		"block 7:\n  {}\n":                        {&cell, true, flags.OutputFormatText},
	} {
		var out bytes.Buffer
		require.NoError(t, change{8, c.value}.print(&out, c.shown, c.format))
		require.Equal(t, want, out.String())
	}
}
