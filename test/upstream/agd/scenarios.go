package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"time"
)

// A scenario communicates with a VM that was just started, on a home whose
// kernel has committed the block of that height; 0: none. It returns its
// result.
type scenario func(p *peer, height int) (any, error)

var scenarios = map[string]scenario{
	"blocks":     blocks,
	"failures":   failures,
	"garbage":    garbage,
	"garbled":    garbled,
	"idle":       idle,
	"unanswered": unanswered,

	"stopped-in-init":        stoppedInInit,
	"stopped-between-blocks": stoppedBetweenBlocks,
	"stopped-in-block":       stoppedInBlock,
}

const alice, bob = "agoric1alice", "agoric1bob"

// blocks: five blocks with actions; from the second on, a state snapshot is
// exported beside them, as upstream does.
func blocks(p *peer, height int) (any, error) {
	if err := p.init(height); err != nil {
		return nil, err
	}
	at := func(h int) []balance {
		return []balance{
			{alice, "ubld", fmt.Sprint(100 * h)},
			{alice, "uist", fmt.Sprint(h)},
			{bob, "uist", fmt.Sprint(1000 * h)},
		}
	}
	if err := p.block(height+1, at(height+1)...); err != nil {
		return nil, err
	}
	export := func(request string, args ...any) map[string]any {
		return map[string]any{"request": request, "args": append([]any{}, args...)}
	}
	if _, err := p.act("SWING_STORE_EXPORT", height+1, export("initiate", map[string]any{})); err != nil {
		return nil, err
	}
	retrieve := p.sendAction("SWING_STORE_EXPORT", height+1, export("retrieve"))
	for h := height + 2; h <= height+5; h++ {
		if err := p.block(h, at(h)...); err != nil {
			return nil, err
		}
	}
	reply, err := retrieve.wait()
	if err != nil {
		return nil, err
	}
	files, err := takeExport(reply)
	return map[string]any{"exportFiles": files}, err
}

// takeExport lists the files of a state snapshot and removes its directory,
// which now belongs to agd.
func takeExport(reply string) (files []string, err error) {
	var dir string
	if err := json.Unmarshal([]byte(reply), &dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		files = append(files, entry.Name())
	}
	return files, errors.Join(err, os.RemoveAll(dir))
}

// An answer is the response to an upcall as Go's client returns it.
type answer struct {
	Reply string `json:"reply"`
	// Null without an error.
	Error *string `json:"error"`
	// Whether the error is the VM's response.
	Remote bool `json:"remote"`
}

func answerOf(reply string, err error) answer {
	if err == nil {
		return answer{Reply: reply}
	}
	message := err.Error()
	var remote rpc.ServerError
	return answer{reply, &message, errors.As(err, &remote)}
}

// failures: an upcall comes too early; in a block a downcall is refused, and
// upcalls that must fail are sent before the answer that the kernel waits for;
// then a block as usual.
func failures(p *peer, height int) (any, error) {
	early := p.send("too early", Message{nodePort, actionText("END_BLOCK", height, nil), true})
	if err := p.init(height); err != nil {
		return nil, err
	}
	meanwhile := make(chan []*upcall, 1)
	p.chain.onBalanceRead = func(denom string) error {
		switch denom {
		case "refused":
			return errors.New("bank: no \"such\" denom")
		case "interleaved":
			unknown := actionText("UNKNOWN", height, nil)
			meanwhile <- []*upcall{
				p.send("unknown action", Message{nodePort, unknown, true}),
				p.send("unknown action, reply not needed", Message{nodePort, unknown, false}),
				p.send("unknown port", Message{99, unknown, true}),
				p.send("no JSON", Message{nodePort, "{", true}),
			}
		}
		return nil
	}
	changed := []balance{{alice, "refused", "1"}, {bob, "interleaved", "2"}}
	if err := p.block(height+1, changed...); err != nil {
		return nil, err
	}
	answers := map[string]answer{}
	for _, u := range append(<-meanwhile, early) {
		reply, err := u.wait()
		answers[u.name] = answerOf(reply, err)
	}
	err := p.client.Call("agvm.NoSuchMethod", Message{}, nil)
	answers["unknown method"] = answerOf("", err)
	// An unhandled error would end the VM after a second.
	time.Sleep(1500 * time.Millisecond)
	return map[string]any{"answers": answers}, p.block(height+2, balance{alice, "uist", "3"})
}

// nonsense is JSON, but not JSON-RPC.
const nonsense = "{\"id\":1,\"nonsense\":true}\n"

// garbage: a line that is not JSON-RPC.
func garbage(p *peer, height int) (any, error) {
	if _, err := p.act("END_BLOCK", height, nil); err == nil {
		return nil, errors.New("expected a block before INIT to fail")
	}
	if _, err := io.WriteString(p.toVM, nonsense); err != nil {
		return nil, err
	}
	return map[string]any{"afterwards": answerOf("", p.client.Call("agvm.ReceiveMessage", Message{}, nil))}, nil
}

// garbled: a line that is not JSON-RPC in place of a downcall's response.
func garbled(p *peer, height int) (any, error) {
	if err := p.init(height); err != nil {
		return nil, err
	}
	p.chain.onBalanceRead = func(string) error {
		_, _ = io.WriteString(p.toVM, nonsense)
		select {}
	}
	err := p.block(height+1, balance{alice, "uist", "1"})
	return map[string]any{"afterwards": answerOf("", err)}, nil
}

// idle: reports after a block that it is idle, and waits to be killed.
func idle(p *peer, height int) (any, error) {
	if err := p.init(height); err != nil {
		return nil, err
	}
	if err := p.block(height+1, balance{alice, "uist", "1"}); err != nil {
		return nil, err
	}
	fmt.Println("ready to be killed")
	select {}
}

// unanswered: reports that a downcall waits for its response, and waits to be
// killed.
func unanswered(p *peer, height int) (any, error) {
	if err := p.init(height); err != nil {
		return nil, err
	}
	p.chain.onBalanceRead = func(string) error {
		fmt.Println("ready to be killed")
		select {}
	}
	return nil, p.block(height+1, balance{alice, "uist", "1"})
}
