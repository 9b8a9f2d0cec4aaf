package types

import (
	"encoding/json"
	"fmt"

	"github.com/cosmos/gogoproto/jsonpb"

	channeltypes "github.com/cosmos/ibc-go/v11/modules/core/04-channel/types"
)

// Packet is a packet as the kernel reads and writes it: protobuf's JSON with
// the names of the fields, 64-bit numbers as text, data in base64.
type Packet struct{ channeltypes.Packet }

// MarshalJSON implements json.Marshaler. No text in a packet needs escapes.
func (p Packet) MarshalJSON() ([]byte, error) {
	text, err := (&jsonpb.Marshaler{OrigName: true, EmitDefaults: true}).MarshalToString(&p.Packet)
	return []byte(text), err
}

// UnmarshalJSON implements json.Unmarshaler. It refuses fields that a packet
// does not have.
func (p *Packet) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return fmt.Errorf("expected an object")
	}
	return jsonpb.UnmarshalString(string(text), &p.Packet)
}

var (
	_ json.Marshaler   = Packet{}
	_ json.Unmarshaler = (*Packet)(nil)
)
