package keeper

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

const chunkedBundle = `{"moduleFormat":"endoZipBase64","endoZipBase64":"","endoZipBase64Sha512":""}`

// inChunks returns the message that announces the bundle in chunks of 20 bytes,
// and the chunks.
func inChunks(t *testing.T, compress bool) (*types.MsgInstallBundle, [][]byte) {
	t.Helper()
	msg := &types.MsgInstallBundle{Bundle: chunkedBundle, Submitter: owner}
	if compress {
		var err error
		msg, err = msg.Compressed()
		require.NoError(t, err)
	}
	return msg.InChunks(20)
}

func (f *fixture) sendChunk(id uint64, index int, data []byte) error {
	_, err := NewMsgServer(f.Keeper).SendChunk(f.inTx(), &types.MsgSendChunk{ChunkedArtifactId: id, Submitter: owner, ChunkIndex: uint64(index), ChunkData: data})
	return err
}

func (f *fixture) announced(t *testing.T, compress bool) (uint64, [][]byte) {
	t.Helper()
	msg, chunks := inChunks(t, compress)
	response, err := NewMsgServer(f.Keeper).InstallBundle(f.inTx(), msg)
	require.NoError(t, err)
	require.Zero(t, msg.ChunkedArtifact.Chunks[0].State, "the message is the sender's")
	return response.ChunkedArtifactId, chunks
}

func (f *fixture) statusOf(id uint64) (*types.QueryChunkedArtifactStatusResponse, error) {
	return NewQuerier(f.Keeper).ChunkedArtifactStatus(f.ctx, &types.QueryChunkedArtifactStatusRequest{ChunkedArtifactId: id})
}

func TestABundleInChunksReachesTheKernelWithTheLastChunk(t *testing.T) {
	f := newFixture(t)
	for i, compress := range []bool{true, false} {
		id, chunks := f.announced(t, compress)
		require.EqualValues(t, i+1, id)
		answer, err := f.statusOf(id)
		require.NoError(t, err)
		require.Equal(t, []any{id, int64(1000), int64(9)}, []any{answer.ChunkedArtifactId, answer.StartTimeUnix, answer.StartBlockHeight})
		require.Len(t, answer.ChunkedArtifact.Chunks, len(chunks))
		for j := range chunks {
			index := len(chunks) - 1 - j // in any order
			require.NoError(t, f.sendChunk(id, index, chunks[index]))
			if index == 0 {
				break
			}
			answer, err := f.statusOf(id)
			require.NoError(t, err)
			require.Equal(t, types.ChunkState_CHUNK_STATE_RECEIVED, answer.ChunkedArtifact.Chunks[index].State)
			require.Equal(t, types.ChunkState_CHUNK_STATE_IN_FLIGHT, answer.ChunkedArtifact.Chunks[0].State)
		}
		_, err = f.statusOf(id)
		require.Equal(t, codes.NotFound, status.Code(err))
		require.ErrorContains(t, err, "it may have expired or been finalized")
	}
	action := `{"type":"INSTALL_BUNDLE","blockHeight":9,"blockTime":1000,"bundle":"` + strings.ReplaceAll(chunkedBundle, `"`, `\"`) + `","submitter":"` + owner.String() +
		`","compressedBundle":null,"uncompressedSize":0}`
	f.requireQueued(t, "actionQueue", action, action)
	genesis, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Empty(t, genesis.PendingInstallations)
	require.Equal(t, types.State{NextChunkedArtifactId: 2}, genesis.State)
}

func TestBadChunksAreRefused(t *testing.T) {
	f := newFixture(t)
	id, chunks := f.announced(t, true)
	require.NoError(t, f.sendChunk(id, 1, chunks[1]))
	other := append([]byte{chunks[0][0] + 1}, chunks[0][1:]...)
	for _, test := range []struct {
		id    uint64
		index int
		data  []byte
		want  string
	}{
		{0, 0, chunks[0], "Chunked artifact id must be positive"},
		{id, 0, nil, "Chunk data cannot be empty"},
		{id + 1, 0, chunks[0], "no upload in progress for chunked artifact identifier 2"},
		{id, 20, chunks[0], "chunk index 20 out of range for chunked artifact identifier 1"},
		{id, 21, chunks[0], "Chunk index must be less than 21"},
		{id, 1, chunks[1], "chunk 1 must be in flight for chunked artifact id 1"},
		{id, 0, chunks[0][1:], "chunk 0 size mismatch for chunked artifact id 1"},
		{id, 0, other, "chunk 0 hash mismatch; expected "},
		{id, 0, make([]byte, 490_001), "Chunk size must be at most 490000 bytes"},
	} {
		assert.ErrorContains(t, f.sendChunk(test.id, test.index, test.data), test.want)
	}
	_, err := NewMsgServer(f.Keeper).SendChunk(f.inTx(), &types.MsgSendChunk{ChunkedArtifactId: id, ChunkData: chunks[0]})
	require.ErrorIs(t, err, sdkerrors.ErrInvalidAddress)
	f.requireQueued(t, "actionQueue")
}

func TestBadListsOfChunksAreRefused(t *testing.T) {
	f := newFixture(t)
	hash := strings.Repeat("0", 128)
	chunk := func(size uint64) *types.ChunkInfo { return &types.ChunkInfo{Sha512: hash, SizeBytes: size} }
	list := func(size uint64, chunks ...*types.ChunkInfo) *types.ChunkedArtifact {
		return &types.ChunkedArtifact{Sha512: hash, SizeBytes: size, Chunks: chunks}
	}
	many := list(22)
	for range 22 {
		many.Chunks = append(many.Chunks, chunk(1))
	}
	for _, test := range []struct {
		artifact *types.ChunkedArtifact
		want     string
	}{
		{list(0), "Bundle chunks cannot be empty"},
		{&types.ChunkedArtifact{Sha512: "00", SizeBytes: 1, Chunks: many.Chunks}, "Bundle hash must be 128 characters"},
		{&types.ChunkedArtifact{Sha512: strings.Repeat("x", 128), SizeBytes: 1, Chunks: many.Chunks}, "Bundle hash must be a hex byte string"},
		{list(1, &types.ChunkInfo{Sha512: "00", SizeBytes: 1}), "Chunk 0 hash must be 128 characters"},
		{list(1, &types.ChunkInfo{Sha512: strings.Repeat("x", 128), SizeBytes: 1}), "Chunk 0 hash must be a hex byte string"},
		{list(1, &types.ChunkInfo{Sha512: hash, SizeBytes: 1, State: 9}), "Chunk 0 state 9 is unrecognized"},
		{list(1, &types.ChunkInfo{Sha512: hash, SizeBytes: 1, State: types.ChunkState_CHUNK_STATE_RECEIVED}), "chunk 0 state must be unspecified"},
		{list(2, chunk(1)), "bundle size 2 does not match total chunk sizes 1"},
		{list(1, chunk(1<<63), chunk(1<<63)), "bundle size overflows uint64 at chunk 1"},
		{list(0, chunk(0)), "Bundle size out of range"},
		{list(10_000_000, chunk(10_000_000)), "Bundle size out of range"},
		{list(490_001, chunk(490_001)), "Chunk 0 size out of range"},
		{list(1, chunk(1), chunk(0)), "Chunk 1 size out of range"},
		{many, "Number of bundle chunks must be less than 21"},
		{list(1, nil), "chunk 0 is nil"},
	} {
		_, err := NewMsgServer(f.Keeper).InstallBundle(f.inTx(), &types.MsgInstallBundle{Submitter: owner, ChunkedArtifact: test.artifact})
		assert.ErrorContains(t, err, test.want)
	}
	full := list(21, many.Chunks[:21]...)
	_, err := NewMsgServer(f.Keeper).InstallBundle(f.inTx(), &types.MsgInstallBundle{Submitter: owner, ChunkedArtifact: full})
	require.NoError(t, err)
	_, err = NewMsgServer(f.Keeper).InstallBundle(f.inTx(), &types.MsgInstallBundle{Submitter: owner, Bundle: "{}", ChunkedArtifact: full})
	require.ErrorContains(t, err, "exclude each other")
	_, err = NewMsgServer(f.Keeper).InstallBundle(f.inTx(), &types.MsgInstallBundle{Submitter: owner, UncompressedSize: 10_000_000, CompressedBundle: []byte("x")})
	require.ErrorContains(t, err, "Uncompressed size out of range")
}

func TestAWholeThatIsNotTheAnnouncedOneIsRefused(t *testing.T) {
	f := newFixture(t)
	msg, chunks := inChunks(t, false)
	msg.ChunkedArtifact.Sha512 = strings.Repeat("0", 128)
	response, err := NewMsgServer(f.Keeper).InstallBundle(f.inTx(), msg)
	require.NoError(t, err)
	for i := range chunks[1:] {
		require.NoError(t, f.sendChunk(response.ChunkedArtifactId, i, chunks[i]))
	}
	last := len(chunks) - 1
	require.ErrorContains(t, f.sendChunk(response.ChunkedArtifactId, last, chunks[last]), "bundle hash mismatch; expected 0000")
	f.requireQueued(t, "actionQueue")
}

func TestAnAnnouncedBundleExpires(t *testing.T) {
	end := func(f *fixture, blocks, seconds int64) {
		require.NoError(t, f.EndBlock(f.ctx.WithBlockHeight(9+blocks).WithBlockTime(time.Unix(1000+seconds, 0))))
	}
	f := newFixture(t)
	require.NoError(t, f.Bootstrap(f.ctx))
	first, chunks := f.announced(t, true)
	require.NoError(t, f.sendChunk(first, 0, chunks[0]))
	f.ctx = f.ctx.WithBlockTime(time.Unix(2000, 0))
	second, _ := f.announced(t, true)
	end(f, 1_000_000, 86_399)
	_, err := f.statusOf(first)
	require.NoError(t, err)
	end(f, 1, 86_400)
	_, err = f.statusOf(first)
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.statusOf(second)
	require.NoError(t, err, "it is younger")
	state, err := f.State(f.ctx)
	require.NoError(t, err)
	require.Equal(t, []uint64{second, second, second}, []uint64{state.FirstChunkedArtifactId, state.LastChunkedArtifactId, state.NextChunkedArtifactId})
	genesis, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, genesis.PendingInstallations, 1)

	params := types.DefaultParams()
	params.InstallationDeadlineBlocks = 2
	require.NoError(t, f.SetParams(f.ctx, params))
	end(f, 1, 0)
	_, err = f.statusOf(second)
	require.NoError(t, err)
	end(f, 2, 0)
	_, err = f.statusOf(second)
	require.Equal(t, codes.NotFound, status.Code(err))
	third, _ := f.announced(t, true)
	require.Equal(t, second+1, third, "no id is given twice")
}

func TestAnnouncedBundlesAreInTheGenesis(t *testing.T) {
	f := newFixture(t)
	id, chunks := f.announced(t, true)
	require.NoError(t, f.sendChunk(id, 1, chunks[1]))
	genesis, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, genesis.Validate())

	other := newFixture(t)
	require.NoError(t, other.InitGenesis(other.ctx, genesis))
	for i := range chunks {
		if i != 1 {
			require.NoError(t, other.sendChunk(id, i, chunks[i]))
		}
	}
	_, err = other.statusOf(id)
	require.Equal(t, codes.NotFound, status.Code(err), "the bundle is installed")

	for want, spoil := range map[string]func(*types.PendingInstallation){
		"it has no chunkedArtifact":                func(p *types.PendingInstallation) { p.Message = nil },
		"the ids must grow":                        func(p *types.PendingInstallation) { p.ChunkedArtifactId = 2 },
		"Bundle chunks cannot be empty":            func(p *types.PendingInstallation) { p.Message.ChunkedArtifact.Chunks = nil },
		"chunks have 1 data":                       func(p *types.PendingInstallation) { p.Chunks = p.Chunks[:1] },
		"chunk 1: its data are not what its state": func(p *types.PendingInstallation) { p.Chunks[1] = []byte("x") },
		"chunk 0: its data are not what its state": func(p *types.PendingInstallation) { p.Chunks[0] = []byte("x") },
	} {
		genesis, err := f.ExportGenesis(f.ctx)
		require.NoError(t, err)
		spoil(genesis.PendingInstallations[0])
		require.ErrorContains(t, genesis.Validate(), "swingset: pendingInstallations[0]: ")
		require.ErrorContains(t, genesis.Validate(), want)
	}
}

func TestParametersOfAnEarlierReleaseGetTheLimitsOfBundles(t *testing.T) {
	f := newFixture(t)
	former := types.DefaultParams()
	former.BundleUncompressedSizeLimitBytes, former.ChunkSizeLimitBytes = 0, 0
	former.InstallationDeadlineBlocks, former.InstallationDeadlineSeconds = 0, 0
	require.NoError(t, f.params.Set(f.ctx, former))
	id, _ := f.announced(t, true) // for example, in a simulation before the upgrade
	require.EqualValues(t, 1, id)
	require.NoError(t, f.Migrate2to3(f.ctx))
	params, err := f.Params(f.ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params)

	genesis := types.DefaultGenesisState()
	genesis.Params = former
	require.NoError(t, genesis.Validate())
	other := newFixture(t)
	require.NoError(t, other.InitGenesis(other.ctx, genesis))
	params, err = other.Params(other.ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), params)

	for want, spoil := range map[string]func(*types.Params){
		"installation_deadline_blocks must be -1 (unlimited), 0 (expire immediately), or positive, got -2":  func(p *types.Params) { p.InstallationDeadlineBlocks = -2 },
		"installation_deadline_seconds must be -1 (unlimited), 0 (expire immediately), or positive, got -2": func(p *types.Params) { p.InstallationDeadlineSeconds = -2 },
		"bundle_uncompressed_size_limit_bytes must be positive (>0) and at most 10485760, got 0":            func(p *types.Params) { p.BundleUncompressedSizeLimitBytes = 0 },
		"chunk_size_limit_bytes must be positive (>0) and at most 10485760, got 10485761":                   func(p *types.Params) { p.ChunkSizeLimitBytes = 10485761 },
	} {
		params := types.DefaultParams()
		spoil(&params)
		require.EqualError(t, params.Validate(), want)
	}
}

func TestOnlyGovernanceEvaluatesCode(t *testing.T) {
	f := newFixture(t)
	server := NewMsgServer(f.Keeper)
	_, err := server.CoreEval(f.inTx(), &types.MsgCoreEval{Authority: "gov", JsonPermits: "true", JsCode: "()=>{}"})
	require.NoError(t, err)
	for _, test := range []struct {
		msg  types.MsgCoreEval
		want error
	}{
		{types.MsgCoreEval{Authority: "alice", JsonPermits: "true", JsCode: "1"}, sdkerrors.ErrUnauthorized},
		{types.MsgCoreEval{Authority: "gov", JsonPermits: "{", JsCode: "1"}, sdkerrors.ErrInvalidRequest},
		{types.MsgCoreEval{Authority: "gov", JsonPermits: "true", JsCode: " "}, sdkerrors.ErrInvalidRequest},
	} {
		_, err := server.CoreEval(f.inTx(), &test.msg)
		require.ErrorIs(t, err, test.want)
	}
	queued, _, err := f.vstorage.Get(f.ctx, "highPriorityQueue.0")
	require.NoError(t, err)
	require.Equal(t, `{"action":{"type":"CORE_EVAL","blockHeight":9,"blockTime":1000,"evals":[{"json_permits":"true","js_code":"()=>{}"}]},"context":{"blockHeight":9,"txHash":"x/gov","msgIdx":0}}`, queued)
	length, err := f.vstorage.QueueLength(f.ctx, "highPriorityQueue")
	require.NoError(t, err)
	require.EqualValues(t, 1, length)
}

func TestChunksArePaidFor(t *testing.T) {
	f := newFixture(t)
	f.bank[owner.String()] = sdk.NewCoins(sdk.NewInt64Coin("ubld", 1_000_000_000))
	require.NoError(t, f.Admit(f.inTx(), []sdk.Msg{&types.MsgSendChunk{ChunkedArtifactId: 1, Submitter: owner, ChunkData: make([]byte, 1000)}}))
	owed, err := f.BeansOwing(f.ctx, owner)
	require.NoError(t, err)
	paid := 1_000_000_000 - f.bank[owner.String()].AmountOf("ubld").Int64()
	// 10e9 for the message, 1e9 for its message, 1000 bytes of 20e6 and kept of 2e9.
	require.Equal(t, "2031000000000", owed.AddUint64(uint64(paid)*1_000_000).String())
}
