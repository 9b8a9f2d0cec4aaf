package doctor

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/agd-bridge/agd-bridge/go/internal/sockets"
)

func TestAddress(t *testing.T) {
	rpc := Address{Option: "rpc.laddr", Value: "tcp://127.0.0.1:26657"}
	other := sockets.Process{PID: 7, Name: "nginx"}
	agd := sockets.Process{PID: 8, Name: "agd", Home: "/a b"}
	for name, row := range map[string]judged{
		"free":                 {judgeAddress(addressFacts{Address: rpc}), OK, "tcp://127.0.0.1:26657 is free", ""},
		"malformed":            {judgeAddress(addressFacts{Address: Address{Option: "rpc.laddr", Err: errors.New("expected tcp://HOST:PORT")}}), Fail, "expected tcp://", "correct rpc.laddr"},
		"held by another":      {judgeAddress(addressFacts{Address: rpc, holder: &other}), Fail, "held by nginx (process 7)", "stop that process"},
		"held by another agd":  {judgeAddress(addressFacts{Address: rpc, holder: &agd}), Fail, "held by agd (process 8)", "check that node with agd doctor --home '/a b', stop it, or choose another"},
		"held by its node":     {judgeAddress(addressFacts{Address: rpc, holder: &other, ours: true, running: true}), OK, "this home's node, nginx (process 7)", ""},
		"held by another user": {judgeAddress(addressFacts{Address: rpc, holder: &sockets.Process{}}), Fail, "a process of another user", "stop that process"},
		"maybe held by its":    {judgeAddress(addressFacts{Address: rpc, holder: &sockets.Process{}, running: true}), Warn, "maybe", "as the node's user"},
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
