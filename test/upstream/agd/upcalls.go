package main

import (
	"net/rpc"
	"sync"
)

// nodePort is the kernel's port for actions.
const nodePort = 1

// A peer is agd as the VM sees it: a chain below a client and a server.
type peer struct {
	*vm
	chain *chain
	// Locked while a call of mustAct runs.
	running sync.Mutex
}

// An upcall was sent, and may have been answered.
type upcall struct {
	name  string
	reply string
	err   error
	done  chan struct{}
}

// send sends an upcall without waiting for the response.
func (p *peer) send(name string, message Message) *upcall {
	u := &upcall{name: name, done: make(chan struct{})}
	p.chain.began(name)
	call := p.client.Go("agvm.ReceiveMessage", message, &u.reply, make(chan *rpc.Call, 1))
	go func() {
		u.err = (<-call.Done).Error
		p.chain.ended(name)
		close(u.done)
	}()
	return u
}

func (u *upcall) wait() (string, error) {
	<-u.done
	return u.reply, u.err
}

// act sends an action to the kernel and waits for the response.
func (p *peer) act(kind string, height int, members map[string]any) (string, error) {
	return p.sendAction(kind, height, members).wait()
}

func (p *peer) sendAction(kind string, height int, members map[string]any) *upcall {
	return p.send(kind, Message{nodePort, actionText(kind, height, members), true})
}

func actionText(kind string, height int, members map[string]any) string {
	action := map[string]any{
		"type":        kind,
		"blockHeight": height,
		"blockTime":   1_700_000_000 + height,
	}
	for name, value := range members {
		action[name] = value
	}
	return jsonText(action)
}

// init boots the kernel, or restarts it after the block of that height.
func (p *peer) init(height int) error {
	_, err := p.act("AG_COSMOS_INIT", max(height, 1), initMembers(height))
	return err
}

func initMembers(height int) map[string]any {
	return map[string]any{
		"chainID":        "upstream-test",
		"isBootstrap":    height == 0,
		"params":         params,
		"supplyCoins":    []any{},
		"upgradeDetails": nil,
		"resolvedConfig": map[string]any{"slogfile": "", "maxVatsOnline": 50},
		"storagePort":    storagePort,
		"swingsetPort":   swingsetPort,
		"vbankPort":      vbankPort,
		"vibcPort":       vibcPort,
	}
}

// block takes the kernel through one block, in which balances change.
func (p *peer) block(height int, balances ...balance) error {
	p.chain.change(height, balances...)
	if _, err := p.act("BEGIN_BLOCK", height, map[string]any{"params": params}); err != nil {
		return err
	}
	for _, kind := range []string{"END_BLOCK", "COMMIT_BLOCK", "AFTER_COMMIT_BLOCK"} {
		if _, err := p.act(kind, height, nil); err != nil {
			return err
		}
	}
	return nil
}

// params are the consensus parameters that the kernel requires.
var params = map[string]any{
	"beans_per_unit": []any{
		map[string]any{"key": "xsnapComputron", "beans": "100"},
		map[string]any{"key": "blockComputeLimit", "beans": "800000000"},
		map[string]any{"key": "vatCreation", "beans": "30000000"},
	},
	"fee_unit_price":       []any{map[string]any{"denom": "ubld", "amount": "1000000"}},
	"bootstrap_vat_config": "@agd-bridge/vats/bank-config.json",
	"power_flag_fees":      []any{},
	"queue_max":            []any{map[string]any{"key": "inbound", "size": 1000}},
	"vat_cleanup_budget":   []any{map[string]any{"key": "default", "value": "5"}},
}
