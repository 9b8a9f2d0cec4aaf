/**
 * The Bridge to a Go library in the same process, over an N-API addon. The C
 * interface between the two is `go/bridge/inproc/agdbridge.h`.
 */
export {
  openInproc,
  type InprocBridge,
  type InprocOptions,
  type ProgramEnd,
} from './open.js';
export { dieWithParent, exec } from './process.js';
export { mirrorSignals, protectSignalStacks } from './signals.js';
