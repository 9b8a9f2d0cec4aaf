package app

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	simtestutil "github.com/cosmos/cosmos-sdk/testutil/sims"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/agd-bridge/agd-bridge/go/bridge"
	"github.com/agd-bridge/agd-bridge/go/vm"
)

func TestMain(m *testing.M) {
	SetupSDK()
	os.Exit(m.Run())
}

const testChainID = "agd-test"

// testChain is the app on a store in memory, with a fake kernel that accepts
// every block action and makes only the downcalls that the test wants. Tests of
// the kernel's behaviour need the real kernel.
type testChain struct {
	*App
	t        testing.TB
	db       dbm.DB
	handlers map[string]bridge.Handler
	// inits are the INIT actions of all processes of this chain.
	inits []string
	// seen counts the actions in the kernel's queue that events has returned.
	seen int
	// emitted are the events of the last message that deliver delivered.
	emitted sdk.Events
	// during is called in END_BLOCK of the next block, once.
	during func()
}

// Notify implements bridge.Caller.
func (*testChain) Notify(string, ...json.RawMessage) error { return nil }

// Call implements bridge.Caller.
func (c *testChain) Call(_ context.Context, method string, params ...json.RawMessage) (json.RawMessage, error) {
	switch method {
	case vm.MethodInit:
		c.inits = append(c.inits, string(params[0]))
		return json.RawMessage("true"), nil
	case vm.MethodEndBlock:
		if during := c.during; during != nil {
			c.during = nil
			during()
		}
	}
	return json.RawMessage("null"), nil
}

// Handle implements vm.Registrar.
func (c *testChain) Handle(method string, h bridge.Handler) error {
	c.handlers[method] = h
	return nil
}

// open opens the app as a new process on the chain's store.
func (c *testChain) open() error {
	controller := vm.NewController(c)
	app, err := New(log.NewNopLogger(), c.db, ChainHooks{Controller: controller},
		simtestutil.AppOptionsMap{flags.FlagHome: c.t.TempDir()}, baseapp.SetChainID(testChainID))
	if err != nil {
		return err
	}
	c.App, c.handlers = app, map[string]bridge.Handler{}
	return controller.Serve(c, app.Downcalls()...)
}

// newTestChain starts a chain with the default genesis, which edit may change,
// and makes its first two blocks.
func newTestChain(t testing.TB, edit func(app *App, genesis map[string]json.RawMessage)) *testChain {
	t.Helper()
	c := &testChain{t: t, db: dbm.NewMemDB()}
	require.NoError(t, c.open())
	validators, err := simtestutil.CreateRandomValidatorSet()
	require.NoError(t, err)
	rich := authtypes.NewBaseAccount(testAddress, nil, 0, 0)
	genesis, err := simtestutil.GenesisStateWithValSet(c.encoding.Codec, c.DefaultGenesis(), validators,
		[]authtypes.GenesisAccount{rich}, banktypes.Balance{Address: testAddressText, Coins: sdk.NewCoins(
			sdk.NewInt64Coin(BondDenom, 1_000_000), sdk.NewInt64Coin(FeeDenom, 1_000_000))})
	require.NoError(t, err)
	if edit != nil {
		edit(c.App, genesis)
	}
	state, err := json.Marshal(genesis)
	require.NoError(t, err)
	params := cmttypes.DefaultConsensusParams().ToProto()
	_, err = c.InitChain(&abci.RequestInitChain{
		ChainId: testChainID, AppStateBytes: state, InitialHeight: 1, ConsensusParams: &params,
		Time: time.Unix(1000, 0), Validators: []abci.ValidatorUpdate{},
	})
	require.NoError(t, err)
	c.block()
	c.block()
	return c
}

// block makes the next block and returns its app hash.
func (c *testChain) block() []byte {
	c.t.Helper()
	hash, err := c.tryBlock()
	require.NoError(c.t, err)
	return hash
}

func (c *testChain) tryBlock() ([]byte, error) {
	height := c.LastBlockHeight() + 1
	res, err := c.FinalizeBlock(&abci.RequestFinalizeBlock{Height: height, Time: time.Unix(1000+height, 0)})
	if err != nil {
		return nil, err
	}
	_, err = c.Commit()
	return res.AppHash, err
}

// call makes a downcall from within a block.
func (c *testChain) call(method string, params ...string) (string, error) {
	raw := make([]json.RawMessage, len(params))
	for i, param := range params {
		raw[i] = json.RawMessage(param)
	}
	result, err := c.handlers[method](context.Background(), raw)
	return string(result), err
}

// committed is a context for reading what has been committed. Unlike
// NewContext's, it remembers nothing that was read before.
func (c *testChain) committed() sdk.Context {
	height := c.LastBlockHeight() + 1
	header := cmtproto.Header{Height: height, Time: time.Unix(1000+height, 0), ChainID: testChainID}
	return sdk.NewContext(c.CommitMultiStore(), header, false, log.NewNopLogger())
}

// change writes to the chain's store outside any block, as its next version.
func (c *testChain) change(write func(ctx sdk.Context)) {
	store := c.CommitMultiStore()
	write(sdk.NewContext(store, cmtproto.Header{Height: c.LastBlockHeight() + 1}, false, log.NewNopLogger()))
	store.Commit()
}

// storeKeys returns the keys of the chain's durable stores, by name.
func (c *testChain) storeKeys() map[string]storetypes.StoreKey {
	keys := map[string]storetypes.StoreKey{}
	for name, key := range c.CommitMultiStore().(*rootmulti.Store).StoreKeysByName() {
		if _, durable := key.(*storetypes.KVStoreKey); durable {
			keys[name] = key
		}
	}
	return keys
}
