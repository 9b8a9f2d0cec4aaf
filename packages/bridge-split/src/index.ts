/**
 * The Bridge over two pipes, or over a shared-memory region beside them. Its
 * counterpart in Go is `go/bridge/split`.
 */
export { openSplit, type SplitOptions } from './split.js';
