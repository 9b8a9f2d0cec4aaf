/** For authors of backends: the protocol engine and what it asks of a carrier. */
export { peerClosed, type PeerOptions } from './options.js';
export { Peer } from './peer.js';
export type { Transport } from './transport.js';
