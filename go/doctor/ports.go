package doctor

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/internal/sockets"
)

// Address is where the home's options say that a node listens.
type Address struct {
	// Option is the option's name, and Value its value.
	Option, Value string
	// Network is tcp or unix, and At the address without its scheme.
	Network, At string
	// Err says why the value is none.
	Err error
}

// addressFacts are what the machine says of an address.
type addressFacts struct {
	Address
	// holder is who listens there; nil: nobody.
	holder *sockets.Process
	// ours: the holder is the node of this home.
	ours bool
	// running: a node of this home runs.
	running bool
	// err says why agd cannot listen there.
	err error
}

// Addresses checks where a node of this home listens. node is the node's
// process id; 0: none runs. Then each address is tried, for a moment.
func Addresses(all []Address, node int) []Finding {
	known := sockets.Listeners()
	var findings []Finding
	for _, address := range all {
		facts := addressFacts{Address: address, running: node != 0}
		if l, taken := sockets.At(known, address.Network, address.At); taken && address.Err == nil {
			holder := l.Owner()
			facts.holder, facts.ours = &holder, node != 0 && holder.BelongsTo(node)
		} else if address.Err == nil && node == 0 {
			facts.err = tryToListen(address)
		}
		findings = append(findings, judgeAddress(facts))
	}
	return findings
}

// tryToListen says why agd cannot listen. A socket file without a listener is
// no obstacle: agd start removes it.
func tryToListen(address Address) error {
	if address.Network == "unix" {
		if info, err := os.Lstat(address.At); err == nil && info.Mode().Type() == os.ModeSocket {
			return nil
		}
	}
	socket, err := net.Listen(address.Network, address.At)
	if err != nil {
		return err
	}
	return socket.Close()
}

func judgeAddress(facts addressFacts) Finding {
	found := finding(Ports, facts.Option, facts.Value+" is free")
	another := fmt.Sprintf("choose another address for %s", facts.Option)
	switch {
	case facts.Err != nil:
		found.Found = facts.Err.Error()
		return found.but(Fail, "correct "+facts.Option)
	case facts.ours:
		found.Found = fmt.Sprintf("%s is held by this home's node, %s", facts.Value, facts.holder)
	case facts.holder != nil && facts.holder.PID == 0 && facts.running:
		found.Found = fmt.Sprintf("%s is held by %s, maybe this home's node", facts.Value, facts.holder)
		return found.but(Warn, "run agd doctor as the node's user")
	case facts.holder != nil:
		found.Found = fmt.Sprintf("%s is held by %s", facts.Value, facts.holder)
		if facts.holder.Home != "" {
			return found.but(Fail, fmt.Sprintf("check that node with agd doctor --home %s, stop it, or %s", shell.Quote(facts.holder.Home), another))
		}
		return found.but(Fail, "stop that process, or "+another)
	case facts.running:
		found.Found = facts.Value + ": this home's node does not listen there (yet)"
		return found.but(Warn, "a node that has just started listens after its kernel has booted; one with other options listens elsewhere")
	case errors.Is(facts.err, syscall.EACCES):
		found.Found = facts.err.Error()
		return found.but(Fail, "agd may not listen there: choose a port above 1023")
	case facts.err != nil:
		found.Found = facts.err.Error()
		return found.but(Fail, another+" of this machine, such as 127.0.0.1 or 0.0.0.0")
	}
	return found
}
