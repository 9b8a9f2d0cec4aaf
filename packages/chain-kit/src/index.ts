/**
 * Makes local chains and runs nodes on them: for `agd ab`, `agd localnet`,
 * `agd devnet`, `make bench` and the tests.
 */
export {
  AgdProcess,
  type AgdProcessOptions,
  type Exit,
} from './agd-process.js';
export { cometCall } from './comet-rpc.js';
export {
  accounts,
  agdIn,
  makeLocalChain,
  setBootstrap,
  type LocalChain,
} from './local-chain.js';
export { committedHeight, lastWords, logEntry, logMessage } from './log.js';
export * from './metrics.js';
export {
  byMode,
  modes,
  startArgs,
  type Mode,
  type NodePorts,
  type StartOptions,
  type Transport,
  type Way,
} from './start-args.js';
export { freePorts } from './ports.js';
export * from './proc.js';
export { fundProvisionPool, provisionPool } from './provision-pool.js';
export { lockHolder, ownerOf, type Owner } from './owner.js';
export * from './tx.js';
