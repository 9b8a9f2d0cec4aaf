package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/server"
)

func TestAPlannedHaltIsAtTheFirstBlockOfItsHeightOrTime(t *testing.T) {
	for _, c := range []struct {
		halt   halt
		height int64
		second int64
		option string
	}{
		{halt{}, 1 << 40, 1 << 40, ""},
		{halt{height: 7}, 6, 1 << 40, ""},
		{halt{height: 7}, 7, 0, server.FlagHaltHeight},
		{halt{height: 7}, 8, 0, server.FlagHaltHeight},
		{halt{time: 1000}, 1 << 40, 999, ""},
		{halt{time: 1000}, 1, 1000, server.FlagHaltTime},
		{halt{height: 9, time: 1000}, 8, 1001, server.FlagHaltTime},
		{halt{height: 8, time: 1000}, 8, 1001, server.FlagHaltHeight},
	} {
		err := c.halt.check(c.height, time.Unix(c.second, 0))
		if c.option == "" {
			require.NoError(t, err)
			continue
		}
		var planned *HaltError
		require.ErrorAs(t, err, &planned)
		require.Equal(t, c.option, planned.Option)
		require.Equal(t, c.height, planned.Height)
	}
}
