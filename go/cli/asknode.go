package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// statusLimit bounds a node's answer.
const statusLimit = 3 * time.Second

// firstAddress returns the first of the addresses in an rpc.laddr.
func firstAddress(listen string) string {
	first, _, _ := strings.Cut(listen, ",")
	return strings.TrimSpace(first)
}

// askNode requests a path of the RPC of a running node, which listens at
// rpc.laddr, and decodes the result.
func askNode(ctx context.Context, listen, path string, result any) error {
	network, target, _ := strings.Cut(firstAddress(listen), "://")
	ctx, cancel := context.WithTimeout(ctx, statusLimit)
	defer cancel()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, target)
		},
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://node"+path, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: transport}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the node does not answer at rpc.laddr %q (yet)", listen)
	}
	defer response.Body.Close()
	answer := struct {
		Result any `json:"result"`
	}{result}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return errors.New("what answers at rpc.laddr is no node")
	}
	return nil
}

// syncInfo is what this package reads of the RPC's status.
type syncInfo struct {
	SyncInfo struct {
		Height     int64     `json:"latest_block_height,string"`
		Time       time.Time `json:"latest_block_time"`
		CatchingUp bool      `json:"catching_up"`
	} `json:"sync_info"`
}

// nodeHeight requests the height of a running node.
func nodeHeight(ctx context.Context, listen string) (height int64, at time.Time, err error) {
	var status syncInfo
	err = askNode(ctx, listen, "/status", &status)
	return status.SyncInfo.Height, status.SyncInfo.Time, err
}
