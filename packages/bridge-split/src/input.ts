import { closeSync, constants, openSync, readSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';

const READ_BYTES = 64 * 1024;

/** Callbacks of a reading end. */
export interface Sinks {
  /** Receives bytes, which are valid during the call only; must not read. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Called after the event loop has read something. */
  readonly onRead: () => void;
  /** Called when the event loop has reached the end of the stream. */
  readonly onEnd: () => void;
}

/**
 * A reading end. The event loop reads it, except while callSync waits: then
 * callSync does.
 */
export interface Source {
  /** callSync begins: it reads from now on. */
  hold(): void;
  /** callSync has returned: the event loop reads again. */
  release(): void;
  /**
   * Blocks until bytes arrive, and passes them to `onBytes`; false at end of
   * file.
   */
  readBlocking(): boolean;
  /** Passes the available bytes to `onBytes`; returns what it found. */
  readAvailable(): 'bytes' | 'none' | 'end';
  close(): void;
}

/**
 * The reading end: two file descriptions of one pipe. The event loop polls a
 * non-blocking one; callSync reads a blocking one.
 *
 * Nothing is lost or reordered between them. libuv reads in its poll phase
 * only, on this thread, and passes on what it has read before it does anything
 * else (`onread` bypasses the stream's buffer). So callSync is the only reader
 * while it runs, and every byte goes to `onBytes` in the order in which it left
 * the pipe.
 */
export class Input implements Source {
  readonly #socket: Socket;
  readonly #pollFd: number;
  readonly #blockFd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #onBytes: Sinks['onBytes'];
  #closed = false;

  /** @param path names the pipe */
  constructor(path: string, { onBytes, onRead, onEnd }: Sinks) {
    this.#onBytes = onBytes;
    this.#blockFd = openSync(path, constants.O_RDONLY);
    this.#pollFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const options: SocketConstructorOpts = {
      fd: this.#pollFd,
      readable: true,
      writable: false,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (length, buffer) => {
          onBytes(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          onRead();
          return true;
        },
      },
    };
    this.#socket = new Socket(options);
    // Any read error counts as the end of the pipe.
    this.#socket.on('error', onEnd);
    this.#socket.on('end', onEnd);
    this.#socket.resume();
  }

  /** The descriptor that the event loop polls; owned by this object. */
  get fd(): number {
    return this.#pollFd;
  }

  /** The descriptor that callSync reads; owned by this object. */
  get blockingFd(): number {
    return this.#blockFd;
  }

  hold(): void {
    // libuv does not read now: it runs on this same thread.
  }

  release(): void {
    // As above.
  }

  readBlocking(): boolean {
    return this.#read(this.#blockFd) !== 'end';
  }

  readAvailable(): 'bytes' | 'none' | 'end' {
    return this.#read(this.#pollFd);
  }

  #read(fd: number): 'bytes' | 'none' | 'end' {
    let length: number;
    try {
      length = readSync(fd, this.#buffer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'EAGAIN' || code === 'EINTR' ? 'none' : 'end';
    }
    if (length === 0) return 'end';
    this.#onBytes(this.#buffer.subarray(0, length));
    return 'bytes';
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    closeSync(this.#blockFd);
  }
}
