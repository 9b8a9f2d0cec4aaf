package typed_test

import (
	"context"
	"fmt"
	"os"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/bridge/split"
	"github.com/agd-bridge/agd-bridge/go/bridge/typed"
)

type order struct {
	SKU   string `json:"sku"`
	Count int    `json:"count"`
}

// A peer, and this side's call of it, with Go types.
func Example() {
	in, theirOut, _ := os.Pipe()
	theirIn, out, _ := os.Pipe()
	peer := split.New(theirIn, theirOut, bridge.Options{Handlers: map[string]bridge.Handler{
		"rules.Price": typed.Handler("rules.Price", func(_ context.Context, o order) (int, error) {
			return 20 * o.Count, nil
		}),
	}})
	defer peer.Close()
	b := split.New(in, out, bridge.Options{})
	defer b.Close()

	price, err := typed.Call[int](context.Background(), b, "rules.Price", order{"nut", 3})
	fmt.Println(price, err)
	_, err = typed.Call[int](context.Background(), b, "rules.Price", map[string]int{"discount": 99})
	fmt.Println(err)
	_, err = typed.Call[string](context.Background(), b, "rules.Price", order{"nut", 3})
	fmt.Println(err)
	// Output:
	// 60 <nil>
	// rules.Price: params[0]: json: unknown field "discount"
	// rules.Price: result: json: cannot unmarshal number into Go value of type string
}
