package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	ssproto "github.com/cometbft/cometbft/proto/tendermint/statesync"
	"github.com/cometbft/cometbft/statesync"

	"cosmossdk.io/log/v2"
)

const (
	// stateSyncReactor is CometBFT's name of its reactor for state-sync.
	stateSyncReactor = "STATESYNC"
	// maxGone is how many snapshots in a row may be gone before the node ends: the
	// peers delete them faster than it can take them.
	maxGone = 10
	// offerWait is a peer's time limit to offer its current snapshots.
	offerWait = 5 * time.Second
)

// snapshotTaker lets a state-sync survive the deletion of an offered snapshot
// by the peers. CometBFT would ask for its chunks for two minutes, then offer
// the app another snapshot, and the SDK, which still waits for the first one,
// would abort.
//
// So the app gets a snapshot only after its first chunk has arrived. A peer
// that no longer has a snapshot is asked what it has now; when no peer is left,
// CometBFT gets an empty chunk, which no snapshot contains, and then the
// response that it must reject the snapshot. It then takes the best one that it
// knows.
//
// It is safe for concurrent use: CometBFT calls the app from one goroutine, and
// the reactor from one for each peer.
type snapshotTaker struct {
	logger log.Logger
	// fail ends the node.
	fail func(error)

	mu sync.Mutex
	// offered is the snapshot that CometBFT is fetching; nil: none.
	offered *abci.RequestOfferSnapshot
	// begun: the app restores the snapshot, and can restore no other.
	begun bool
	// gone counts the snapshots in a row that no peer had any more.
	gone int
	// peers are the peers that offer a snapshot.
	peers map[snapshotID]map[p2p.ID]bool
	// missing are the chunks of the offered snapshot that no peer has, by the
	// peer that is asked for other snapshots.
	missing map[p2p.ID][]missingChunk
}

type snapshotID struct {
	height uint64
	format uint32
}

// missingChunk is a chunk of a snapshot that no peer has.
type missingChunk struct {
	of    snapshotID
	index uint32
}

func newSnapshotTaker(logger log.Logger, fail func(error)) *snapshotTaker {
	return &snapshotTaker{
		logger: logger.With(log.ModuleKey, "statesync"), fail: fail,
		peers: map[snapshotID]map[p2p.ID]bool{}, missing: map[p2p.ID][]missingChunk{},
	}
}

// takerApp is the application as CometBFT's state-sync sees it.
type takerApp struct {
	abci.Application
	taker *snapshotTaker
}

// OfferSnapshot implements abci.Application.
func (a takerApp) OfferSnapshot(_ context.Context, req *abci.RequestOfferSnapshot) (*abci.ResponseOfferSnapshot, error) {
	t := a.taker
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begun {
		t.fail(t.lost())
		return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_ABORT}, nil
	}
	if req.Snapshot == nil {
		return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_REJECT}, nil
	}
	t.offered = req
	clear(t.missing)
	return &abci.ResponseOfferSnapshot{Result: abci.ResponseOfferSnapshot_ACCEPT}, nil
}

// ApplySnapshotChunk implements abci.Application.
func (a takerApp) ApplySnapshotChunk(ctx context.Context, req *abci.RequestApplySnapshotChunk) (*abci.ResponseApplySnapshotChunk, error) {
	if result := a.taker.reject(req); result != abci.ResponseApplySnapshotChunk_UNKNOWN {
		return &abci.ResponseApplySnapshotChunk{Result: result}, nil
	}
	if result, err := a.begin(ctx); err != nil || result != abci.ResponseApplySnapshotChunk_ACCEPT {
		return &abci.ResponseApplySnapshotChunk{Result: result}, err
	}
	return a.Application.ApplySnapshotChunk(ctx, req)
}

// begin offers the app the snapshot whose first chunk has arrived.
func (a takerApp) begin(ctx context.Context) (abci.ResponseApplySnapshotChunk_Result, error) {
	t := a.taker
	t.mu.Lock()
	offered, begun := t.offered, t.begun
	t.mu.Unlock()
	if begun || offered == nil {
		return abci.ResponseApplySnapshotChunk_ACCEPT, nil
	}
	response, err := a.Application.OfferSnapshot(ctx, offered)
	if err != nil {
		return abci.ResponseApplySnapshotChunk_ABORT, err
	}
	switch response.Result {
	case abci.ResponseOfferSnapshot_ACCEPT:
		t.mu.Lock()
		t.begun = true
		t.mu.Unlock()
		return abci.ResponseApplySnapshotChunk_ACCEPT, nil
	case abci.ResponseOfferSnapshot_REJECT, abci.ResponseOfferSnapshot_REJECT_FORMAT, abci.ResponseOfferSnapshot_REJECT_SENDER:
		return abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT, nil
	default:
		return abci.ResponseApplySnapshotChunk_ABORT, nil
	}
}

// reject answers the empty chunk of a snapshot that no peer has; UNKNOWN for any
// other chunk.
func (t *snapshotTaker) reject(req *abci.RequestApplySnapshotChunk) abci.ResponseApplySnapshotChunk_Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(req.Chunk) > 0 || t.offered == nil {
		return abci.ResponseApplySnapshotChunk_UNKNOWN
	}
	if t.gone++; t.begun || t.gone >= maxGone {
		t.fail(t.lost())
		return abci.ResponseApplySnapshotChunk_ABORT
	}
	t.logger.Info("the peers no longer have the snapshot: taking another", "height", t.offered.Snapshot.Height)
	return abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT
}

// lost returns the error of a state-sync whose snapshots are gone.
func (t *snapshotTaker) lost() error {
	const remedy = "before another try: `agd comet unsafe-reset-all`; peers keep snapshots longer with a larger state-sync.snapshot-keep-recent or snapshot-interval"
	if t.begun {
		return fmt.Errorf("state-sync failed: the peers deleted the snapshot of height %d before this node had all of it (%s)", t.offered.Snapshot.Height, remedy)
	}
	return fmt.Errorf("state-sync failed: the peers deleted %d snapshots in a row before this node could take one, the last of height %d (%s)", t.gone, t.offered.Snapshot.Height, remedy)
}

// option makes a node's state-sync pass its messages through t.
func (t *snapshotTaker) option(n *cmtnode.Node) {
	reactor, found := n.Switch().Reactor(stateSyncReactor)
	if found {
		cmtnode.CustomReactors(map[string]p2p.Reactor{stateSyncReactor: &takerReactor{reactor, t}})(n)
	}
}

// takerReactor is CometBFT's reactor for state-sync; the taker decides what it
// receives of missing chunks.
type takerReactor struct {
	p2p.Reactor
	taker *snapshotTaker
}

// Receive implements p2p.Reactor.
func (r *takerReactor) Receive(e p2p.Envelope) {
	switch message := e.Message.(type) {
	case *ssproto.SnapshotsResponse:
		r.Reactor.Receive(e)
		r.sendEmpty(e.Src, r.taker.offers(e.Src.ID(), snapshotID{message.Height, message.Format}))
	case *ssproto.ChunkResponse:
		// A snapshot has no empty chunk: only the taker makes one.
		if (message.Missing || len(message.Chunk) == 0) && r.taker.isOffered(snapshotID{message.Height, message.Format}) {
			r.lacks(e.Src, message)
			return
		}
		r.Reactor.Receive(e)
	default:
		r.Reactor.Receive(e)
	}
}

// RemovePeer implements p2p.Reactor.
func (r *takerReactor) RemovePeer(peer p2p.Peer, reason any) {
	r.taker.removePeer(peer.ID())
	r.Reactor.RemovePeer(peer, reason)
}

// lacks handles a peer's answer that it has no such chunk.
func (r *takerReactor) lacks(peer p2p.Peer, chunk *ssproto.ChunkResponse) {
	if !r.taker.lacks(peer.ID(), snapshotID{chunk.Height, chunk.Format}, chunk.Index) {
		return // CometBFT asks another peer
	}
	peer.Send(p2p.Envelope{ChannelID: statesync.SnapshotChannel, Message: &ssproto.SnapshotsRequest{}})
	// The peer may have none.
	time.AfterFunc(offerWait, func() {
		r.sendEmpty(peer, r.taker.takeMissing(peer.ID()))
	})
}

// sendEmpty gives CometBFT empty chunks.
func (r *takerReactor) sendEmpty(from p2p.Peer, chunks []missingChunk) {
	for _, chunk := range chunks {
		r.Reactor.Receive(p2p.Envelope{Src: from, ChannelID: statesync.ChunkChannel, Message: &ssproto.ChunkResponse{
			Height: chunk.of.height, Format: chunk.of.format, Index: chunk.index, Chunk: []byte{},
		}})
	}
}

// offers notes that a peer has a snapshot. If that is another than the one that
// no peer has any more, it returns the chunks of the latter that are missing.
func (t *snapshotTaker) offers(peer p2p.ID, id snapshotID) []missingChunk {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.peers[id] == nil {
		t.peers[id] = map[p2p.ID]bool{}
	}
	t.peers[id][peer] = true
	if t.is(id) {
		return nil
	}
	return t.take(peer)
}

// lacks notes that a peer does not have a chunk of a snapshot. It reports
// whether no peer is left that has it.
func (t *snapshotTaker) lacks(peer p2p.ID, id snapshotID, index uint32) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.peers[id], peer)
	if len(t.peers[id]) > 0 {
		return false
	}
	t.missing[peer] = append(t.missing[peer], missingChunk{id, index})
	return true
}

func (t *snapshotTaker) takeMissing(peer p2p.ID) []missingChunk {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.take(peer)
}

// take returns the missing chunks that a peer was asked about, once. The lock is held.
func (t *snapshotTaker) take(peer p2p.ID) []missingChunk {
	missing := t.missing[peer]
	delete(t.missing, peer)
	return missing
}

func (t *snapshotTaker) removePeer(peer p2p.ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, peers := range t.peers {
		delete(peers, peer)
	}
}

func (t *snapshotTaker) isOffered(id snapshotID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.is(id)
}

// is reports whether a snapshot is the offered one. The lock is held.
func (t *snapshotTaker) is(id snapshotID) bool {
	return t.offered != nil && t.offered.Snapshot.Height == id.height && t.offered.Snapshot.Format == id.format
}
