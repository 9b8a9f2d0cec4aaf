/** For authors of backends: the protocol engine and what it asks of a carrier. */
export {
  peerClosed,
  queueFault,
  streamsOf,
  type PeerOptions,
  type Streams,
} from './options.js';
export { Peer } from './peer.js';
export type { Transport } from './transport.js';
