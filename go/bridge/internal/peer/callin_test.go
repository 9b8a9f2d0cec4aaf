package peer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/internal/peer"
)

func TestCallIn(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	p, _ := alone(t, bridge.Options{Handlers: handlers{
		"echo": echo,
		"slow": func(context.Context, []json.RawMessage) (json.RawMessage, error) {
			close(entered)
			<-release
			return nil, nil
		},
	}})
	response, err := p.CallIn([]byte(`{"id":1,"method":"echo","params":["x"]}`))
	if string(response) != `{"id":1,"result":"x","error":null}` {
		t.Errorf("%s %v", response, err)
	}
	p.Receive([]byte(`{"id":2,"method":"slow","params":[]}`))
	<-entered
	result := make(chan string)
	go func() {
		response, err := p.CallIn([]byte(`{"id":3,"method":"echo","params":["y"]}`))
		result <- fmt.Sprintf("%s %v", response, err)
	}()
	select {
	case got := <-result:
		t.Error("overtook a message:", got)
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	if got := receive(t, result); got != `{"id":3,"result":"y","error":null} <nil>` {
		t.Error(got)
	}
	p.Close()
	_, err = p.CallIn([]byte(`{"id":4,"method":"echo","params":["z"]}`))
	want[*bridge.ClosedError](t, err, "bridge closed")
}

func TestCallInEndsWhenThePeerCloses(t *testing.T) {
	entered := make(chan struct{})
	p, _ := alone(t, bridge.Options{Handlers: handlers{
		"slow": func(ctx context.Context, _ []json.RawMessage) (json.RawMessage, error) {
			close(entered)
			<-ctx.Done()
			return nil, nil
		},
	}})
	go func() {
		<-entered
		p.Close()
	}()
	_, err := p.CallIn([]byte(`{"id":1,"method":"slow","params":[]}`))
	want[*bridge.ClosedError](t, err, "bridge closed")
}

func BenchmarkCallIn(b *testing.B) {
	p := peer.New(&wire{}, bridge.Options{Handlers: handlers{"echo": echo}})
	for b.Loop() {
		if _, err := p.CallIn([]byte(`{"id":123,"method":"echo","params":[{"address":"agoric1abc123","denom":"uist"}]}`)); err != nil {
			b.Fatal(err)
		}
	}
}
