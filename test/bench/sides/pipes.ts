import { readSync } from 'node:fs';
import { Socket } from 'node:net';

const readFd = Number(process.env['BRIDGE_READ_FD']);
const writeFd = Number(process.env['BRIDGE_WRITE_FD']);

/** Streams over the pipes from and to Go, as Node makes them. */
export function pipes(): { readonly from: Socket; readonly to: Socket } {
  return {
    from: new Socket({ fd: readFd, readable: true, writable: false }),
    to: new Socket({ fd: writeFd, readable: false, writable: true }),
  };
}

/** Returns once Go reports that it listens on its socket. */
export function goListens(): void {
  readSync(readFd, Buffer.alloc(1));
}

/** The paths of the sockets on which either side listens. */
export const sockets = {
  go: process.env['BENCH_GO_SOCKET'] ?? '',
  js: process.env['BENCH_JS_SOCKET'] ?? '',
};
