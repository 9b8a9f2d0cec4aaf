// Package sockets finds the processes that listen at addresses of this machine,
// in /proc.
package sockets

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/agd-bridge/agd-bridge/go/contract"
	"github.com/agd-bridge/agd-bridge/go/internal/environ"
)

// A Listener is a socket of this machine at which a process listens.
type Listener struct {
	// Address is HOST:PORT, or the path of a Unix socket.
	Address string
	inode   string
}

// The states of a listening socket in /proc/net/tcp and, as a flag, in
// /proc/net/unix.
const tcpListen, unixListen = "0A", 0x10000

// Listeners returns the sockets at which processes of this network namespace
// listen.
func Listeners() []Listener {
	var all []Listener
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if text, err := os.ReadFile(file); err == nil {
			all = append(all, tcpListeners(string(text))...)
		}
	}
	if text, err := os.ReadFile("/proc/net/unix"); err == nil {
		all = append(all, unixListeners(string(text))...)
	}
	return all
}

// tcpListeners reads /proc/net/tcp or tcp6: the second field is the address,
// the fourth the state, the tenth the inode.
func tcpListeners(text string) []Listener {
	var all []Listener
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[3] != tcpListen {
			continue
		}
		if address, err := addressIn(fields[1]); err == nil {
			all = append(all, Listener{address.String(), fields[9]})
		}
	}
	return all
}

// addressIn reads an address of /proc/net/tcp: words of 32 bits in the
// machine's order (little-endian on what agd supports), and the port.
func addressIn(text string) (netip.AddrPort, error) {
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for i := 0; i+4 <= len(raw); i += 4 {
		raw[i], raw[i+1], raw[i+2], raw[i+3] = raw[i+3], raw[i+2], raw[i+1], raw[i]
	}
	address, ok := netip.AddrFromSlice(raw)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("no address: %q", text)
	}
	return netip.AddrPortFrom(address.Unmap(), uint16(n)), nil
}

// unixListeners reads /proc/net/unix: the fourth field has the flags, the
// seventh the inode, the eighth the path.
func unixListeners(text string) []Listener {
	var all []Listener
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 8 {
			continue
		}
		if flags, err := strconv.ParseUint(fields[3], 16, 32); err == nil && flags&unixListen != 0 {
			all = append(all, Listener{strings.Join(fields[7:], " "), fields[6]})
		}
	}
	return all
}

// At returns the one of the listeners that keeps others from listening at an
// address of this machine.
func At(all []Listener, network, address string) (Listener, bool) {
	for _, l := range all {
		if l.Address == address || network != "unix" && collide(l.Address, address) {
			return l, true
		}
	}
	return Listener{}, false
}

// collide reports whether nobody can listen at b while another does at a.
func collide(a, b string) bool {
	taken, err := netip.ParseAddrPort(a)
	if err != nil {
		return false
	}
	wanted, err := net.ResolveTCPAddr("tcp", b)
	if err != nil || wanted.Port == 0 || wanted.Port != int(taken.Port()) {
		return false
	}
	ip, ok := netip.AddrFromSlice(wanted.IP)
	ip = ip.Unmap()
	return !ok || ip == taken.Addr() || ip.IsUnspecified() || taken.Addr().IsUnspecified()
}

// A Process is a process by its id and what ps shows as its name. The zero value
// is a process of another user, whose descriptors cannot be read.
type Process struct {
	PID  int
	Name string
	// Home is the home directory of an agd that names one; else "".
	Home string
}

// String returns the process as a message names it.
func (p Process) String() string {
	if p.PID == 0 {
		return "a process of another user"
	}
	return fmt.Sprintf("%s (process %d)", p.Name, p.PID)
}

// Owner returns the process that has the socket open.
func (l Listener) Owner() Process {
	want := "socket:[" + l.inode + "]"
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && target == want {
			pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
			return ProcessWith(pid)
		}
	}
	return Process{}
}

// BelongsTo reports whether the process is another one or its child.
func (p Process) BelongsTo(other int) bool {
	if p.PID == other {
		return true
	}
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID))
	// The second field, in parentheses, may contain anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	return len(fields) > 1 && fields[1] == strconv.Itoa(other)
}

// ProcessWith returns the process with this id, by the name of its program, or of
// the script that Node.js runs.
func ProcessWith(pid int) Process {
	args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	// Unreadable for a process of another user.
	env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return processOf(pid, strings.Split(string(args), "\x00"), strings.Split(string(env), "\x00"))
}

// agdName is the name of agd, also where Node.js hosts it.
const agdName = "agd"

// processOf describes a process by its arguments and its environment.
func processOf(pid int, words, env []string) Process {
	name := "?"
	for _, word := range words {
		word := filepath.Base(word)
		if strings.HasPrefix(word, "-") {
			continue
		}
		name = word
		if !strings.HasPrefix(word, "node") {
			break
		}
	}
	if name == contract.VMName && environ.Get(env, contract.EnvLibrary) != "" {
		name = agdName
	}
	found := Process{PID: pid, Name: name}
	if name == agdName || name == contract.VMName {
		found.Home = homeIn(words)
	}
	return found
}

// homeIn returns the home directory that a command line of agd names, if it is
// an absolute path.
func homeIn(words []string) string {
	for i, word := range words {
		flag, value, given := strings.Cut(word, "=")
		if flag != "--home" {
			continue
		}
		if !given && i+1 < len(words) {
			value = words[i+1]
		}
		if filepath.IsAbs(value) {
			return value
		}
	}
	return ""
}
