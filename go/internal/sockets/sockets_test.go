package sockets

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestListenersOfProc(t *testing.T) {
	const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:2382 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:2383 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:2384 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103 1 0000000000000000 100 0 0 10 0
`
	require.Equal(t, []Listener{{"[::]:9090", "101"}, {"127.0.0.1:9092", "103"}}, tcpListeners(tcp6))
	const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 201 /run/a b.sock
0000000000000000: 00000003 00000000 00000000 0001 03 202 /run/c.sock
`
	require.Equal(t, []Listener{{"/run/a b.sock", "201"}}, unixListeners(unix))
	require.True(t, collide("[::]:9090", "127.0.0.1:9090"))
	require.False(t, collide("127.0.0.1:9090", "127.0.0.1:9091"))
	require.False(t, collide("127.0.0.1:9090", "127.0.0.1:0"))
}

func TestTheHomeInACommandLineOfAgd(t *testing.T) {
	for want, words := range map[string][]string{
		"/a b": {"agd", "start", "--home", "/a b", ""},
		"/c":   {"node", "/x/agvm", "start", "--home=/c", ""},
		"":     {"agd", "start", "--home", "relative", "--home"},
	} {
		require.Equal(t, want, homeIn(words))
	}
}

func TestAProcessIsNamedByItsProgram(t *testing.T) {
	for _, c := range []struct {
		words, env []string
		want       Process
	}{
		{[]string{"/usr/bin/agd", "start", "--home", "/h"}, nil, Process{7, "agd", "/h"}},
		{[]string{"node", "--expose-gc", "/x/agvm", "start", "--home", "/h"}, []string{"A=1", "AGVM_LIBAGD=/x/libagd.so"}, Process{7, "agd", "/h"}},
		{[]string{"node", "/x/agvm", "start", "--home", "/h"}, []string{"AGVM_FROM_AGD=4"}, Process{7, "agvm", "/h"}},
		{[]string{"nginx", "-g"}, nil, Process{7, "nginx", ""}},
		{nil, nil, Process{7, "?", ""}},
	} {
		require.Equal(t, c.want, processOf(7, c.words, c.env))
	}
}
