package main

import (
	"encoding/json"
	"fmt"
	"time"
)

// moment is a point in time.
type moment struct{ time.Time }

func (m *moment) now() { m.Time = time.Now() }

// started is when the child was about to be started.
var started moment

// handshake is agd's first frame.
const handshake = `{"id":1,"method":"bridge.Handshake","params":[{"protocol":1,"software":"benchpeer","capabilities":[]}]}` + "\n"

// spawn prints the time in nanoseconds from the start of the program to its
// first line on the pipe, the response to the handshake. It then ends the
// program.
func spawn(n *node) error {
	defer n.Process.Kill()
	if _, err := n.out.WriteString(handshake); err != nil {
		return err
	}
	if _, err := readLine(n.in); err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{"nanoseconds": []int64{time.Since(started.Time).Nanoseconds()}})
	fmt.Println(string(text))
	return err
}
