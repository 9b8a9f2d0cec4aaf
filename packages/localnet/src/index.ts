/** Runs a network of validators on one machine: `agd localnet`. */
export { recordOf, type NodeRecord, type NetworkRecord } from './record.js';
