package cli

import (
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/client"

	"github.com/agd-bridge/agd-bridge/go/internal/shell"
	"github.com/agd-bridge/agd-bridge/go/x/vstorage/types"
)

// NoDataError reports that a path has no data, not even an empty text.
type NoDataError struct {
	Path string
	// Above: paths below it have data.
	Above bool
}

// Error implements error.
func (e *NoDataError) Error() string {
	if e.Above {
		return fmt.Sprintf("no data at path %q: only paths below it have data: list them with `agd query vstorage children %s`", e.Path, shell.Quote(e.Path))
	}
	return fmt.Sprintf("no data at path %q: nothing is there, or below it", e.Path)
}

// dataAt returns the data at a path after a height, 0 for the latest, and that
// height. Without data the error is a NoDataError. It reads the store's entry,
// because the query's answer does not distinguish no data from empty data.
func dataAt(ctx client.Context, path string, height int64) (data string, at int64, err error) {
	if err := types.ValidatePath(path); err != nil {
		return "", 0, err
	}
	answer, err := ctx.QueryABCI(abci.RequestQuery{
		Path: "/store/" + types.StoreKey + "/key", Data: types.PathToKey(path), Height: height,
	})
	if err != nil {
		return "", 0, err
	}
	data, found := types.DataOf(answer.Value)
	if !found {
		return "", answer.Height, &NoDataError{Path: path, Above: len(answer.Value) > 0}
	}
	return data, answer.Height, nil
}
