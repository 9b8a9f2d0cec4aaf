package node

import (
	"context"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/p2p"
	ssproto "github.com/cometbft/cometbft/proto/tendermint/statesync"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
)

// testPeer keeps what it is sent.
type testPeer struct {
	p2p.Peer
	id   p2p.ID
	sent []p2p.Envelope
}

func (p *testPeer) ID() p2p.ID { return p.id }
func (p *testPeer) Send(e p2p.Envelope) bool {
	p.sent = append(p.sent, e)
	return true
}

// testReactor keeps what it receives.
type testReactor struct {
	p2p.Reactor
	received []p2p.Envelope
}

func (r *testReactor) Receive(e p2p.Envelope) { r.received = append(r.received, e) }

// empty is how many empty chunks the reactor has received.
func (r *testReactor) empty() (count int) {
	for _, e := range r.received {
		if chunk, is := e.Message.(*ssproto.ChunkResponse); is && !chunk.Missing && chunk.Chunk != nil && len(chunk.Chunk) == 0 {
			count++
		}
	}
	return count
}

// testApp restores snapshots of the heights that it is offered.
type testApp struct {
	abci.BaseApplication
	offered []uint64
	answer  abci.ResponseOfferSnapshot_Result
}

func (a *testApp) OfferSnapshot(_ context.Context, req *abci.RequestOfferSnapshot) (*abci.ResponseOfferSnapshot, error) {
	a.offered = append(a.offered, req.Snapshot.Height)
	return &abci.ResponseOfferSnapshot{Result: a.answer}, nil
}

func (a *testApp) ApplySnapshotChunk(context.Context, *abci.RequestApplySnapshotChunk) (*abci.ResponseApplySnapshotChunk, error) {
	return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_ACCEPT}, nil
}

// taking is a state-sync with two peers.
type taking struct {
	*testing.T
	taker   *snapshotTaker
	app     *testApp
	reactor *testReactor
	peers   [2]*testPeer
	failed  error
}

func newTaking(t *testing.T) *taking {
	s := &taking{
		T: t, app: &testApp{answer: abci.ResponseOfferSnapshot_ACCEPT}, reactor: &testReactor{},
		peers: [2]*testPeer{{id: "one"}, {id: "two"}},
	}
	s.taker = newSnapshotTaker(log.NewNopLogger(), func(err error) { s.failed = err })
	return s
}

// has makes a peer offer the snapshot of a height.
func (s *taking) has(peer int, height uint64) {
	s.receive(peer, &ssproto.SnapshotsResponse{Height: height, Format: 3})
}

// lacks makes a peer answer that it has no chunk of a height.
func (s *taking) lacks(peer int, height uint64) {
	s.receive(peer, &ssproto.ChunkResponse{Height: height, Format: 3, Missing: true})
}

func (s *taking) receive(peer int, message proto.Message) {
	(&takerReactor{s.reactor, s.taker}).Receive(p2p.Envelope{Src: s.peers[peer], Message: message})
}

func (s *taking) offer(height uint64) abci.ResponseOfferSnapshot_Result {
	response, err := takerApp{s.app, s.taker}.OfferSnapshot(s.Context(), &abci.RequestOfferSnapshot{Snapshot: &abci.Snapshot{Height: height, Format: 3}})
	require.NoError(s, err)
	return response.Result
}

func (s *taking) apply(chunk string) abci.ResponseApplySnapshotChunk_Result {
	response, err := takerApp{s.app, s.taker}.ApplySnapshotChunk(s.Context(), &abci.RequestApplySnapshotChunk{Chunk: []byte(chunk)})
	require.NoError(s, err)
	return response.Result
}

func TestAnotherSnapshotIsTakenForOneThatIsGone(t *testing.T) {
	s := newTaking(t)
	s.has(0, 3)
	s.has(1, 3)
	require.Equal(t, abci.ResponseOfferSnapshot_ACCEPT, s.offer(3))
	s.lacks(0, 3)
	require.Empty(t, s.peers[0].sent, "the other peer may have it")
	require.Zero(t, s.reactor.empty())
	s.lacks(1, 3)
	require.Len(t, s.peers[1].sent, 1)
	require.IsType(t, &ssproto.SnapshotsRequest{}, s.peers[1].sent[0].Message)
	s.has(1, 3)
	require.Zero(t, s.reactor.empty(), "the peer has no other yet")
	s.has(1, 6)
	require.Equal(t, 1, s.reactor.empty())
	s.has(1, 5)
	require.Equal(t, 1, s.reactor.empty(), "once")
	require.Equal(t, abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT, s.apply(""))
	require.Empty(t, s.app.offered, "the app has not heard of it")

	require.Equal(t, abci.ResponseOfferSnapshot_ACCEPT, s.offer(6))
	require.Equal(t, abci.ResponseApplySnapshotChunk_ACCEPT, s.apply("first"))
	require.Equal(t, abci.ResponseApplySnapshotChunk_ACCEPT, s.apply("second"))
	require.Equal(t, []uint64{6}, s.app.offered)
	require.NoError(t, s.failed)
}

func TestAStateSyncWithoutASnapshotEnds(t *testing.T) {
	s := newTaking(t)
	s.offer(3)
	s.apply("first")
	s.lacks(0, 3)
	require.Equal(t, abci.ResponseApplySnapshotChunk_ABORT, s.apply(""))
	require.ErrorContains(t, s.failed, "state-sync failed: the peers deleted the snapshot of height 3 before this node had all of it (before another try: `agd comet unsafe-reset-all`; peers keep")

	s = newTaking(t)
	s.offer(3)
	s.apply("first")
	require.Equal(t, abci.ResponseOfferSnapshot_ABORT, s.offer(6), "the app cannot begin again")
	require.ErrorContains(t, s.failed, "of height 3 before this node had all of it")

	s = newTaking(t)
	for height := uint64(1); height < maxGone; height++ {
		s.offer(height)
		require.Equal(t, abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT, s.apply(""))
	}
	s.offer(maxGone)
	require.Equal(t, abci.ResponseApplySnapshotChunk_ABORT, s.apply(""))
	require.ErrorContains(t, s.failed, "the peers deleted 10 snapshots in a row before this node could take one, the last of height 10")
}

func TestASnapshotThatTheAppRefusesIsRejected(t *testing.T) {
	for answer, want := range map[abci.ResponseOfferSnapshot_Result]abci.ResponseApplySnapshotChunk_Result{
		abci.ResponseOfferSnapshot_REJECT:        abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT,
		abci.ResponseOfferSnapshot_REJECT_FORMAT: abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT,
		abci.ResponseOfferSnapshot_ABORT:         abci.ResponseApplySnapshotChunk_ABORT,
	} {
		s := newTaking(t)
		s.app.answer = answer
		s.offer(3)
		require.Equal(t, want, s.apply("first"))
	}
}
