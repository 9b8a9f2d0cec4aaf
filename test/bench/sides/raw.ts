import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';

import { frames } from '../frames.js';
import type { Side } from '../side.js';
import { timesOf, type Times } from './times.js';

const [PING, LAST] = [0x78, 0x45];

/**
 * The reference for pipes: as many bytes as the bridge's frames, without
 * parsing them. A downcall blocks in write and read on the main thread; the
 * event loop reads upcalls.
 */
export function openRaw(): Side {
  const readFd = Number(process.env['BRIDGE_READ_FD']);
  const writeFd = Number(process.env['BRIDGE_WRITE_FD']);
  const send = (command: object): void => {
    writeAll(writeFd, Buffer.from(`${JSON.stringify(command)}\n`));
  };
  let endEcho: (() => void) | undefined;

  const finish = (): void => {
    endEcho?.();
    endEcho = undefined;
  };

  return {
    downcall: (payload) => {
      finish();
      const { request, response } = frames('test.Echo', payload);
      const out = Buffer.alloc(request, 'x');
      const into = Buffer.alloc(response);
      send({ op: 'echo', request, response });
      readAll(readFd, Buffer.alloc(1));
      const call = (): void => {
        writeAll(writeFd, out);
        readAll(readFd, into);
      };
      endEcho = () => {
        out[0] = LAST;
        call();
      };
      return { call };
    },
    upcalls: async (payload, slice) => {
      finish();
      const { request, response } = frames('js.Echo', payload);
      const { milliseconds, least, most } = slice;
      const pong = pongs(readFd, writeFd, request, response);
      send({ op: 'ping', request, response, milliseconds, least, most });
      return timesOf(await pong);
    },
    close: () => {
      closeSync(readFd);
      closeSync(writeFd);
    },
  };
}

/** Answers pings from the event loop until Go has sent its times. */
async function pongs(
  readFd: number,
  writeFd: number,
  request: number,
  response: number,
): Promise<Times> {
  const pollFd = openSync(
    `/proc/self/fd/${String(readFd)}`,
    constants.O_RDONLY | constants.O_NONBLOCK,
  );
  const out = Buffer.alloc(response, 'x');
  return new Promise((resolve, reject) => {
    let missing = 0;
    let text = '';
    const options: SocketConstructorOpts = {
      fd: pollFd,
      readable: true,
      writable: false,
      onread: {
        buffer: Buffer.allocUnsafeSlow(64 * 1024),
        callback: (length, buffer) => {
          // Go waits for each answer, so a read never has two messages.
          if (text === '' && (missing > 0 || buffer[0] === PING)) {
            missing = (missing || request) - length;
            if (missing === 0) writeAll(writeFd, out);
            return true;
          }
          text += Buffer.from(buffer.buffer, 0, length).toString('latin1');
          if (text.endsWith('\n')) {
            socket.destroy();
            resolve(JSON.parse(text) as Times);
          }
          return true;
        },
      },
    };
    const socket = new Socket(options);
    socket.once('error', reject);
    socket.once('end', () => {
      reject(new Error('the pipe has ended'));
    });
    socket.resume();
  });
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done);
  }
}

function readAll(fd: number, into: Buffer): void {
  for (let done = 0; done < into.length;) {
    const length = readSync(fd, into, done, into.length - done, null);
    if (length === 0) throw new Error('the pipe has ended');
    done += length;
  }
}
