package main

import (
	"encoding/json"
	"io"
)

// demux splits a stream in two. JSON-RPC uses the same two pipes in both
// directions, but Go's library has only a client, which reads responses, and a
// server, which reads requests. A message with a method is a request.
//
// Both streams write to out, and end when in ends.
func demux(in io.Reader, out io.WriteCloser) (client, server io.ReadWriteCloser) {
	responses, toClient := io.Pipe()
	requests, toServer := io.Pipe()
	go func() {
		err := route(json.NewDecoder(in), toClient, toServer)
		toClient.CloseWithError(err)
		toServer.CloseWithError(err)
	}()
	return stream{responses, out}, stream{requests, out}
}

func route(in *json.Decoder, toClient, toServer io.Writer) error {
	for {
		var message json.RawMessage
		if err := in.Decode(&message); err != nil {
			return err
		}
		var request struct{ Method *string }
		if err := json.Unmarshal(message, &request); err != nil {
			return err
		}
		to := toClient
		if request.Method != nil {
			to = toServer
		}
		if _, err := to.Write(message); err != nil {
			return err
		}
	}
}

type stream struct {
	io.Reader
	io.WriteCloser
}
