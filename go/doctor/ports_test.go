package doctor

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddress(t *testing.T) {
	rpc := Address{Option: "rpc.laddr", Value: "tcp://127.0.0.1:26657"}
	other := process{pid: 7, name: "nginx"}
	for name, row := range map[string]judged{
		"free":                 {judgeAddress(addressFacts{Address: rpc}), OK, "tcp://127.0.0.1:26657 is free", ""},
		"malformed":            {judgeAddress(addressFacts{Address: Address{Option: "rpc.laddr", Err: errors.New("expected tcp://HOST:PORT")}}), Fail, "expected tcp://", "correct rpc.laddr"},
		"held by another":      {judgeAddress(addressFacts{Address: rpc, holder: &other}), Fail, "held by nginx (process 7)", "stop that process"},
		"held by its node":     {judgeAddress(addressFacts{Address: rpc, holder: &other, ours: true, running: true}), OK, "this home's node, nginx (process 7)", ""},
		"held by another user": {judgeAddress(addressFacts{Address: rpc, holder: &process{}}), Fail, "a process of another user", "stop that process"},
		"maybe held by its":    {judgeAddress(addressFacts{Address: rpc, holder: &process{}, running: true}), Warn, "maybe", "as the node's user"},
		"a node that boots":    {judgeAddress(addressFacts{Address: rpc, running: true}), Warn, "does not listen there (yet)", "booted"},
		"a privileged port":    {judgeAddress(addressFacts{Address: rpc, err: syscall.EACCES}), Fail, "permission", "above 1023"},
		"another machine's":    {judgeAddress(addressFacts{Address: rpc, err: syscall.EADDRNOTAVAIL}), Fail, "assign", "of this machine"},
	} {
		row.check(t, name)
	}
}

func TestAHeldAddressIsFoundWithItsHolder(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer tcp.Close()
	path := filepath.Join(t.TempDir(), "socket")
	unix, err := net.Listen("unix", path)
	require.NoError(t, err)
	defer unix.Close()
	_, port, err := net.SplitHostPort(tcp.Addr().String())
	require.NoError(t, err)
	at := []Address{
		{Option: "same", Value: tcp.Addr().String(), Network: "tcp", At: tcp.Addr().String()},
		{Option: "all", Value: "0.0.0.0:" + port, Network: "tcp", At: "0.0.0.0:" + port},
		{Option: "every", Value: ":" + port, Network: "tcp", At: ":" + port},
		{Option: "unix", Value: "unix://" + path, Network: "unix", At: path},
	}
	for _, found := range Addresses(at, 0) {
		judged{found, Fail, "is held by doctor.test (process", "stop that process"}.check(t, found.Name)
	}
	for _, found := range Addresses(at, os.Getpid()) {
		judged{found, OK, "is held by this home's node", ""}.check(t, found.Name)
	}
	free := []Address{
		{Option: "any", Value: "127.0.0.1:0", Network: "tcp", At: "127.0.0.1:0"},
		{Option: "other host", Value: "127.0.0.2:" + port, Network: "tcp", At: "127.0.0.2:" + port},
		{Option: "new socket", Value: "unix://" + path + "2", Network: "unix", At: path + "2"},
	}
	for _, found := range Addresses(free, 0) {
		judged{found, OK, "is free", ""}.check(t, found.Name)
	}
	require.NoFileExists(t, path+"2", "nothing is left")
}

func TestASocketThatAKilledNodeLeftIsNoObstacle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	require.NoError(t, err)
	left.SetUnlinkOnClose(false)
	require.NoError(t, left.Close())
	found := Addresses([]Address{{Option: "rpc.laddr", Value: "unix://" + path, Network: "unix", At: path}}, 0)
	require.Equal(t, OK, found[0].Verdict)
	require.FileExists(t, path, "agd start removes it, not the doctor")
}

func TestListenersOfProc(t *testing.T) {
	const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:2382 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:2383 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 102 1 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:2384 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103 1 0000000000000000 100 0 0 10 0
`
	require.Equal(t, []listener{{"[::]:9090", "101"}, {"127.0.0.1:9092", "103"}}, tcpListeners(tcp6))
	const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 201 /run/a b.sock
0000000000000000: 00000003 00000000 00000000 0001 03 202 /run/c.sock
`
	require.Equal(t, []listener{{"/run/a b.sock", "201"}}, unixListeners(unix))
	require.True(t, collide("[::]:9090", "127.0.0.1:9090"))
	require.False(t, collide("127.0.0.1:9090", "127.0.0.1:9091"))
	require.False(t, collide("127.0.0.1:9090", "127.0.0.1:0"))
}
