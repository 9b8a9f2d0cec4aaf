package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"

	"github.com/agd-bridge/agd-bridge/go/bridge/bridgetest"
)

// overHTTP serves /echo, and calls it at JavaScript's server.
func overHTTP(n *node) error {
	listener, err := net.Listen("unix", n.goSocket)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 64,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", n.jsSocket)
		},
	}}
	call := func(body []byte) error {
		response, err := client.Post("http://js/echo", "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		_, err = io.ReadAll(response.Body)
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})
	mux.HandleFunc("/time", func(w http.ResponseWriter, r *http.Request) {
		var load bridgetest.Load
		if err := json.NewDecoder(r.Body).Decode(&load); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = w.Write(told(bridgetest.Measure(load, func() error { return call(load.Param) })))
	})
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	return n.untilEnd()
}
