/** For authors of backends: the protocol engine and what it asks of a carrier. */
export { Peer, peerClosed, type PeerOptions } from './peer.js';
export type { Transport } from './transport.js';
