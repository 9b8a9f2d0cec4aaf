package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/agd-bridge/agd-bridge/go/doctor"
	"github.com/agd-bridge/agd-bridge/go/home"
	"github.com/agd-bridge/agd-bridge/go/node"
	"github.com/agd-bridge/agd-bridge/go/supervisor"
)

// examine checks what is in a home, with the means of a start (preflight).
func (h *house) examine(ctx context.Context, svr *server.Context, about supervisor.About) []doctor.Finding {
	findings := []doctor.Finding{doctor.Lock(h.node, h.held)}
	genesis, err := node.Genesis(svr.Config)
	findings = append(findings,
		doctor.Genesis(svr.Config.GenesisFile(), err),
		doctor.Secrets(h.dir, svr.Config.PrivValidatorKeyFile(), svr.Config.NodeKeyFile()))
	if err := home.CheckFiles(svr.Config); err != nil {
		findings = append(findings, doctor.Damaged(err))
	}
	stores := doctor.Stores{Running: h.runs(), Before: h.before, Kernel: about.Store.Height, KernelExists: about.Store.Exists}
	if genesis != nil {
		stores.Initial = genesis.InitialHeight
	}
	if stores.Unseen = h.foreign(); stores.Unseen == nil {
		h.readHeights(ctx, svr, &stores)
	}
	if stores.Err == nil && about.Store.Error != "" {
		stores.Err = fmt.Errorf("the kernel's store in %q cannot be read: %s: restore the whole home directory from a backup", h.kernelDir(), about.Store.Error)
	}
	findings = append(findings, stores.Judge())
	if late := stores.LastBlock(time.Now()); late != nil {
		findings = append(findings, *late)
	}
	return findings
}

// readHeights reads the height of the chain's store: from the store itself, or
// from the node that runs.
func (h *house) readHeights(ctx context.Context, svr *server.Context, stores *doctor.Stores) {
	switch {
	case h.err != nil || h.lock == nil && !stores.Running:
		stores.Err = h.err // nil: no data
	case stores.Running:
		stores.Chain, stores.BlockTime, stores.Err = nodeHeight(ctx, svr.Config.RPC.ListenAddress)
	default:
		if stores.Err = home.CheckDatabases(svr.Config, svr.Viper); stores.Err == nil {
			stores.Chain, stores.Err = home.Height(h.dir, svr.Viper)
		}
		if stores.Err == nil && stores.Chain > 0 {
			stores.BlockTime, _, stores.Err = home.BlockTime(svr.Config, stores.Chain)
		}
	}
}

// statusLimit bounds a node's answer.
const statusLimit = 3 * time.Second

// nodeHeight asks a running node for its last block.
func nodeHeight(ctx context.Context, listen string) (height int64, at time.Time, err error) {
	first, _, _ := strings.Cut(listen, ",")
	network, target, _ := strings.Cut(strings.TrimSpace(first), "://")
	ctx, cancel := context.WithTimeout(ctx, statusLimit)
	defer cancel()
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, target)
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://node/status", nil)
	if err != nil {
		return 0, at, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, at, fmt.Errorf("the node does not answer at rpc.laddr %q (yet)", listen)
	}
	defer response.Body.Close()
	var answer struct {
		Result struct {
			SyncInfo struct {
				Height string    `json:"latest_block_height"`
				Time   time.Time `json:"latest_block_time"`
			} `json:"sync_info"`
		} `json:"result"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, at, errors.New("what answers at rpc.laddr is no node")
	}
	height, err = strconv.ParseInt(answer.Result.SyncInfo.Height, 10, 64)
	return height, answer.Result.SyncInfo.Time, err
}
