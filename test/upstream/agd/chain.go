package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The port numbers. Upstream assigns them in the order in which its modules
// register; the VM must take them from INIT.
const (
	storagePort = iota + 11
	swingsetPort
	vbankPort
	vibcPort
)

// A Message is the argument of both sides' ReceiveMessage.
type Message struct {
	Port       int
	Data       string // JSON text
	NeedsReply bool
}

// A chain is a chain's storage and bank in memory. Safe for concurrent use.
type chain struct {
	mu sync.Mutex
	// The values by path.
	storage map[string]string
	// The balances by account and denom.
	balances map[[2]string]string
	// The entries of the kernel's export data.
	exported map[string]string
	// How often each downcall came, by kind and pending upcalls.
	downcalls map[downcall]int
	// The names of the upcalls without a response.
	pending []string
	// Called for each balance that the kernel reads, before the response; its
	// error is the response.
	onBalanceRead func(denom string) error
	// Called for each downcall.
	onDowncall func()
}

type downcall struct {
	Port   string `json:"port"`
	Method string `json:"method"`
	During string `json:"during"` // names of the upcalls, sorted, joined by +
}

func newChain() *chain {
	return &chain{
		storage:       map[string]string{},
		balances:      map[[2]string]string{},
		exported:      map[string]string{},
		downcalls:     map[downcall]int{},
		onBalanceRead: func(string) error { return nil },
		onDowncall:    func() {},
	}
}

// ReceiveMessage is the method agd.ReceiveMessage: a downcall.
func (c *chain) ReceiveMessage(message *Message, reply *string) error {
	var data struct {
		Method, Type, Address, Denom string
		Args                         []json.RawMessage
	}
	if err := json.Unmarshal([]byte(message.Data), &data); err != nil {
		return err
	}
	c.onDowncall()
	var result any
	var err error
	switch message.Port {
	case storagePort:
		c.count("storage", data.Method)
		result, err = c.store(data.Method, data.Args)
	case swingsetPort:
		c.count("swingset", data.Method)
		result, err = true, c.export(data.Args)
	case vbankPort:
		c.count("vbank", data.Type)
		result, err = c.balance(data.Address, data.Denom)
	default:
		err = fmt.Errorf("unregistered port %d", message.Port)
	}
	if err != nil {
		return err
	}
	text, err := json.Marshal(result)
	*reply = string(text)
	return err
}

func (c *chain) count(port, method string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.downcalls[downcall{port, method, strings.Join(c.pending, "+")}]++
}

func (c *chain) began(upcall string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = append(c.pending, upcall)
	slices.Sort(c.pending)
}

func (c *chain) ended(upcall string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := slices.Index(c.pending, upcall)
	c.pending = slices.Delete(c.pending, at, at+1)
}

func (c *chain) store(method string, args []json.RawMessage) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch method {
	case "get", "has":
		var path string
		if len(args) != 1 || json.Unmarshal(args[0], &path) != nil {
			return nil, fmt.Errorf("storage %s: expected one path", method)
		}
		value, ok := c.storage[path]
		switch {
		case method == "has":
			return ok, nil
		case !ok:
			return nil, nil
		}
		return value, nil
	case "set", "setWithoutNotify", "legacySet":
		return true, write(c.storage, args)
	}
	return nil, fmt.Errorf("storage: unknown method %q", method)
}

func (c *chain) export(entries []json.RawMessage) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return write(c.exported, entries)
}

// write takes entries [path, value], or [path] to remove one.
func write(to map[string]string, entries []json.RawMessage) error {
	for _, text := range entries {
		var entry []*string
		if err := json.Unmarshal(text, &entry); err != nil {
			return err
		}
		switch {
		case len(entry) == 0 || entry[0] == nil:
			return errors.New("expected an entry with a path")
		case len(entry) == 1 || entry[1] == nil:
			delete(to, *entry[0])
		default:
			to[*entry[0]] = *entry[1]
		}
	}
	return nil
}

func (c *chain) balance(address, denom string) (any, error) {
	if err := c.onBalanceRead(denom); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if amount, ok := c.balances[[2]string{address, denom}]; ok {
		return amount, nil
	}
	return "0", nil
}

// A balance of an account that a block changes.
type balance struct{ address, denom, amount string }

// change sets balances and queues an action for each, which reports it to the
// kernel.
func (c *chain) change(height int, balances ...balance) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tail, _ := strconv.Atoi(c.storage["actionQueue.tail"])
	for i, b := range balances {
		c.balances[[2]string{b.address, b.denom}] = b.amount
		action := map[string]any{
			"type":        "VBANK_BALANCE_UPDATE",
			"blockHeight": height,
			"nonce":       tail + i,
			"updated":     []any{map[string]any{"address": b.address, "denom": b.denom, "amount": b.amount}},
		}
		context := map[string]any{"blockHeight": height, "txHash": "x/vbank", "msgIdx": i}
		c.storage[fmt.Sprintf("actionQueue.%d", tail+i)] = jsonText(map[string]any{"action": action, "context": context})
	}
	c.storage["actionQueue.tail"] = strconv.Itoa(tail + len(balances))
}
