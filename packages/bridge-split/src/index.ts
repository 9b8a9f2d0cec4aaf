/** The Bridge over two pipes. Its twin in Go is `go/bridge/split`. */
export { openSplit, type SplitOptions } from './split.js';
