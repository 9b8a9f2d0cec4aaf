package keeper

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"cosmossdk.io/collections"
	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/agd-bridge/agd-bridge/go/x/swingset/types"
)

// pendingInstalls are the bundles whose chunks have not all arrived. Ids only
// grow, so the order of ids is that of the blocks that announced the bundles.
type pendingInstalls struct {
	// installs has the announcements, without the chunks' data.
	installs collections.Map[uint64, types.PendingInstallation]
	// data has the chunks that have arrived, by id and index.
	data collections.Map[collections.Pair[uint64, uint64], []byte]
}

func newPendingInstalls(schema *collections.SchemaBuilder, cdc codec.BinaryCodec) pendingInstalls {
	return pendingInstalls{
		installs: collections.NewMap(schema, collections.NewPrefix("pendingInstall."), "pending_installs",
			collections.Uint64Key, codec.CollValue[types.PendingInstallation](cdc)),
		data: collections.NewMap(schema, collections.NewPrefix("pendingChunk."), "pending_chunks",
			collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key), collections.BytesValue),
	}
}

// EventChunkedArtifact is the event of an announced bundle.
const EventChunkedArtifact = "chunked_artifact"

// announce keeps the announcement of a bundle in chunks and returns its id.
func (k *Keeper) announce(ctx sdk.Context, msg *types.MsgInstallBundle) (uint64, error) {
	artifact := *msg.ChunkedArtifact
	artifact.Chunks = make([]*types.ChunkInfo, len(msg.ChunkedArtifact.Chunks))
	for i, chunk := range msg.ChunkedArtifact.Chunks {
		if chunk.State != types.ChunkState_CHUNK_STATE_UNSPECIFIED {
			return 0, errorsmod.Wrapf(sdkerrors.ErrInvalidRequest, "chunk %d state must be unspecified", i)
		}
		artifact.Chunks[i] = &types.ChunkInfo{Sha512: chunk.Sha512, SizeBytes: chunk.SizeBytes, State: types.ChunkState_CHUNK_STATE_IN_FLIGHT}
	}
	message := *msg
	message.ChunkedArtifact = &artifact
	state, err := k.State(ctx)
	if err != nil {
		return 0, err
	}
	state.NextChunkedArtifactId++
	id := state.NextChunkedArtifactId
	if err := k.state.Set(ctx, state); err != nil {
		return 0, err
	}
	err = k.pending.installs.Set(ctx, id, types.PendingInstallation{
		ChunkedArtifactId: id, Message: &message,
		StartTimeUnix: ctx.BlockTime().Unix(), StartBlockHeight: ctx.BlockHeight(),
	})
	if err != nil {
		return 0, err
	}
	ctx.EventManager().EmitEvent(sdk.NewEvent(EventChunkedArtifact,
		sdk.NewAttribute("chunked_artifact_id", strconv.FormatUint(id, 10)),
		sdk.NewAttribute("chunks", strconv.Itoa(len(artifact.Chunks)))))
	return id, k.noteEnds(ctx)
}

// SendChunk implements types.MsgServer. Anybody may send a chunk, because its
// hash is known.
func (s MsgServer) SendChunk(goCtx context.Context, msg *types.MsgSendChunk) (*types.MsgSendChunkResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	k := s.keeper
	if err := s.admit(ctx, msg, false); err != nil {
		return nil, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := params.ValidateChunk(msg); err != nil {
		return nil, err
	}
	install, err := k.pending.installs.Get(ctx, msg.ChunkedArtifactId)
	if errors.Is(err, collections.ErrNotFound) {
		return nil, errorsmod.Wrapf(sdkerrors.ErrNotFound, "no upload in progress for chunked artifact identifier %d", msg.ChunkedArtifactId)
	}
	if err != nil {
		return nil, err
	}
	chunk, err := receive(install.Message.ChunkedArtifact, msg)
	if err != nil {
		return nil, errorsmod.Wrap(sdkerrors.ErrInvalidRequest, err.Error())
	}
	if err := k.pending.data.Set(ctx, collections.Join(msg.ChunkedArtifactId, msg.ChunkIndex), msg.ChunkData); err != nil {
		return nil, err
	}
	if err := k.pending.installs.Set(ctx, msg.ChunkedArtifactId, install); err != nil {
		return nil, err
	}
	return &types.MsgSendChunkResponse{ChunkedArtifactId: msg.ChunkedArtifactId, Chunk: chunk}, k.installIfWhole(ctx, install)
}

// receive checks that a chunk is the announced one and marks it as received.
func receive(artifact *types.ChunkedArtifact, msg *types.MsgSendChunk) (*types.ChunkInfo, error) {
	id, index := msg.ChunkedArtifactId, msg.ChunkIndex
	if index >= uint64(len(artifact.Chunks)) {
		return nil, fmt.Errorf("chunk index %d out of range for chunked artifact identifier %d", index, id)
	}
	chunk := artifact.Chunks[index]
	switch {
	case chunk.State != types.ChunkState_CHUNK_STATE_IN_FLIGHT:
		return nil, fmt.Errorf("chunk %d must be in flight for chunked artifact id %d", index, id)
	case chunk.SizeBytes != uint64(len(msg.ChunkData)):
		return nil, fmt.Errorf("chunk %d size mismatch for chunked artifact id %d", index, id)
	}
	if err := checkHash(fmt.Sprintf("chunk %d", index), chunk.Sha512, msg.ChunkData); err != nil {
		return nil, err
	}
	chunk.State = types.ChunkState_CHUNK_STATE_RECEIVED
	return chunk, nil
}

// checkHash compares data with a SHA-512 in hexadecimal.
func checkHash(what, want string, data []byte) error {
	expected, err := hex.DecodeString(want)
	if err != nil {
		return err
	}
	if actual := sha512.Sum512(data); !bytes.Equal(actual[:], expected) {
		return fmt.Errorf("%s hash mismatch; expected %x, got %x", what, expected, actual)
	}
	return nil
}

// installIfWhole installs the bundle if all its chunks have arrived.
func (k *Keeper) installIfWhole(ctx sdk.Context, install types.PendingInstallation) error {
	artifact := install.Message.ChunkedArtifact
	for _, chunk := range artifact.Chunks {
		if chunk.State != types.ChunkState_CHUNK_STATE_RECEIVED {
			return nil
		}
	}
	whole := make([]byte, 0, artifact.SizeBytes)
	for i := range artifact.Chunks {
		data, err := k.pending.data.Get(ctx, collections.Join(install.ChunkedArtifactId, uint64(i)))
		if err != nil {
			return err
		}
		whole = append(whole, data...)
	}
	if err := checkHash("bundle", artifact.Sha512, whole); err != nil {
		return errorsmod.Wrap(sdkerrors.ErrInvalidRequest, err.Error())
	}
	msg := &types.MsgInstallBundle{Submitter: install.Message.Submitter, UncompressedSize: install.Message.UncompressedSize}
	if msg.UncompressedSize > 0 {
		msg.CompressedBundle = whole
	} else {
		msg.Bundle = string(whole)
	}
	if err := k.forget(ctx, install.ChunkedArtifactId); err != nil {
		return err
	}
	return k.install(ctx, msg)
}

// forget removes a pending bundle with its chunks.
func (k *Keeper) forget(ctx context.Context, id uint64) error {
	if err := k.pending.data.Clear(ctx, collections.NewPrefixedPairRange[uint64, uint64](id)); err != nil {
		return err
	}
	if err := k.pending.installs.Remove(ctx, id); err != nil {
		return err
	}
	return k.noteEnds(ctx)
}

// noteEnds puts the oldest and the newest pending bundle into the state.
func (k *Keeper) noteEnds(ctx context.Context) error {
	state, err := k.State(ctx)
	if err != nil {
		return err
	}
	end := func(ids *collections.Range[uint64]) (id uint64, err error) {
		err = k.pending.installs.Walk(ctx, ids, func(key uint64, _ types.PendingInstallation) (bool, error) {
			id = key
			return true, nil
		})
		return id, err
	}
	if state.FirstChunkedArtifactId, err = end(new(collections.Range[uint64])); err != nil {
		return err
	}
	if state.LastChunkedArtifactId, err = end(new(collections.Range[uint64]).Descending()); err != nil {
		return err
	}
	return k.state.Set(ctx, state)
}

// forgetExpired removes the pending bundles whose deadline is over.
func (k *Keeper) forgetExpired(ctx sdk.Context) error {
	state, err := k.State(ctx)
	if err != nil || state.FirstChunkedArtifactId == 0 {
		return err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	within := func(passed, deadline int64) bool { return deadline < 0 || passed < deadline }
	var expired []uint64
	err = k.pending.installs.Walk(ctx, nil, func(id uint64, install types.PendingInstallation) (bool, error) {
		if within(ctx.BlockTime().Unix()-install.StartTimeUnix, params.InstallationDeadlineSeconds) &&
			within(ctx.BlockHeight()-install.StartBlockHeight, params.InstallationDeadlineBlocks) {
			return true, nil
		}
		expired = append(expired, id)
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, id := range expired {
		if err := k.forget(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
