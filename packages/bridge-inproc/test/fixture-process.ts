// Programs that the process tests run as children: argv[2] names one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker, parentPort } from 'node:worker_threads';

import type { Handler } from '@agd-bridge/bridge';

import {
  dieWithParent,
  exec,
  mirrorSignals,
  openInproc,
  protectSignalStacks,
} from '../src/index.js';
import { openPeer } from './open.js';

/** Runs one of the programs in a worker thread. */
function startWorker(...argv: string[]): Worker {
  // tsx does not reach into workers by itself.
  return new Worker(
    `import('tsx/esm/api').then(({ register }) => {
      register();
      return import(${JSON.stringify(import.meta.url)});
    })`,
    { eval: true, argv },
  );
}

function tryToOpen(library: string): string {
  try {
    openInproc({ library, config: null }).close();
    return 'opened';
  } catch (error) {
    return (error as Error).message;
  }
}

const programs: Record<string, () => unknown> = {
  exec() {
    exec(
      '/bin/sh',
      ['-c', 'echo $$ "$GREETING"; exec grep Sig /proc/self/status'],
      {
        GREETING: 'a  b',
        PATH: process.env['PATH'],
        UNSET: undefined,
      },
    );
  },

  'failed exec'() {
    try {
      exec('/no/such/program', [], {});
    } catch (error) {
      console.log((error as Error).message);
    }
    exec('/bin/sh', ['-c', 'a\0b'], {});
  },

  /**
   * Opens the libraries of these paths, `worker:` ones in a worker thread;
   * prints the result of each.
   */
  async open() {
    for (const path of process.argv.slice(3)) {
      const [, inWorker] = /^worker:(.*)/.exec(path) ?? [];
      if (inWorker === undefined) console.log(tryToOpen(path));
      else await once(startWorker('open', inWorker), 'exit');
    }
  },

  /** Nothing but the bridge keeps the process alive; Go closes it later. */
  async 'kept alive'() {
    const bridge = await openPeer();
    void bridge.ended.then(({ exitCode }) => {
      console.log('ended', exitCode);
    });
    bridge.notify('program.EndAfter', ['300']);
  },

  /** Closed by JavaScript: the Go program still sends its farewell. */
  async closed() {
    const bridge = await openPeer({ Farewell: 'bye from Go' });
    bridge.close();
  },

  /**
   * Exits with the bridge open and calls pending, while Go sends continuously.
   */
  async 'exit while open'() {
    let floods = 0;
    const bridge = await openPeer(
      {},
      {
        handlers: {
          flood: () => {
            floods += 1;
            if (floods === 1000) process.exit(0);
            return 'null';
          },
        },
      },
    );
    void bridge.call('program.Flood', ['10000000', '0']);
    void bridge.call('program.Wait', []);
  },

  /**
   * The same in worker threads, which end during the traffic, by themselves or
   * terminated.
   */
  async workers() {
    for (const how of ['terminate', 'exit', 'terminate', 'exit']) {
      const worker = startWorker('busy worker', how);
      worker.once('message', () => void worker.terminate());
      console.log(how, ...((await once(worker, 'exit')) as [number]));
    }
    // Only the workers have loaded the addon, and Node has unloaded it with
    // them.
    const maps = readFileSync('/proc/self/maps', 'utf8');
    console.log('code in place:', maps.includes('agdbridge.node'));
    const bridge = await openPeer();
    while (bridge.callSync('program.Running', []) !== '1') await setImmediate();
    console.log('their programs have ended');
    bridge.close();
  },

  async 'busy worker'() {
    await openPeer(); // and a quiet one
    const bridge = await openPeer({}, { handlers: { flood: () => 'null' } });
    let calls = 0;
    setInterval(() => {
      void bridge.call('program.Flood', ['10000', '0']);
      bridge.callSync('program.Echo', [String((calls += 1))]);
      if (calls !== 3) return;
      if (process.argv[3] === 'exit') process.exit(3);
      parentPort?.postMessage('busy');
    });
  },

  /** The same on the main thread, which ends while workers are in calls. */
  async 'exit with workers'() {
    const workers = [1, 2, 3].map(() => startWorker('busy worker', 'stay'));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const bridge = await openPeer();
    bridge.callSync('program.Flood', ['10000', '0']);
    void bridge.call('program.Wait', []);
    process.exit(5);
  },

  /**
   * A worker thread is terminated inside a synchronous call, which continues
   * until its response.
   */
  async 'terminate in callSync'() {
    const bridge = await openPeer();
    const worker = startWorker('sleepy worker');
    await once(worker, 'message');
    console.log('exit code', await worker.terminate());
    while (bridge.callSync('program.Running', []) !== '1') await setImmediate();
    console.log('its program has ended');
    bridge.close();
  },

  async 'sleepy worker'() {
    const bridge = await openPeer();
    parentPort?.postMessage('busy');
    bridge.callSync('program.Sleep', ['500']);
    console.log('never said');
  },

  /**
   * Opens and closes argv[3] bridges; prints the resources in use after a fifth
   * of them, and after all.
   */
  async 'one after the other'() {
    const total = Number(process.argv[3]);
    const found = [];
    const first = await openPeer();
    for (let number = 1; number <= total; number += 1) {
      const bridge = await openPeer();
      bridge.callSync('program.Echo', ['1']);
      void bridge.call('program.Wait', []).catch(() => undefined);
      bridge.close();
      const { exitCode } = await bridge.ended;
      if (exitCode !== 0) console.log('exit code', exitCode);
      if (number !== total / 5 && number !== total) continue;
      found.push({
        goroutines: Number(first.callSync('program.Goroutines', [])),
        running: Number(first.callSync('program.Running', [])),
        files: readdirSync('/proc/self/fd').length,
        threads: readdirSync('/proc/self/task').length,
        resident: process.memoryUsage().rss,
      });
    }
    first.close();
    console.log(JSON.stringify(found));
  },

  /**
   * argv[3] bridges, each with traffic of all kinds; prints what arrived out of
   * order or at the wrong bridge.
   */
  async 'at once'() {
    const rounds = 20;
    const wrong: string[] = [];
    const traffic = async (name: string) => {
      let next = 0;
      const check = (what: string, got: string | undefined, want: string) => {
        if (got !== want) wrong.push(`${name} ${what}: ${got ?? ''}`);
      };
      const flood: Handler = ([number, value]) => {
        check(
          'flood',
          `${number ?? ''} ${value ?? ''}`,
          `${String(next % 100)} ${name}`,
        );
        next += 1;
        return 'null';
      };
      const bridge = await openPeer({}, { handlers: { flood } });
      for (let round = 0; round < rounds; round += 1) {
        const flooded = bridge.call('program.Flood', ['100', name]);
        const echo = bridge.call('program.Echo', [name]);
        check('callSync', bridge.callSync('program.Echo', [name]), name);
        check('call', await flooded, '100');
        check('call', await echo, name);
      }
      check('floods', String(next), String(rounds * 100));
      bridge.close();
      check('end', String((await bridge.ended).exitCode), '0');
    };
    const names = Array.from({ length: Number(process.argv[3]) }, (_, i) =>
      String(i),
    );
    await Promise.all(names.map(traffic));
    console.log(JSON.stringify(wrong));
  },

  /**
   * A child sends signals continuously while 100,000 downcalls run; argv[3] is
   * "unprotected" to show the effect of protectSignalStacks, or "mirrored" to
   * mirror the signals to Go as well.
   */
  async 'signal storm'() {
    const bridge = await openPeer();
    bridge.callSync('program.Echo', ['0']);
    const seen: Partial<Record<NodeJS.Signals, number>> = {};
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGCHLD', 'SIGHUP'] as const) {
      seen[signal] = 0;
      process.on(signal, () => (seen[signal] = (seen[signal] ?? 0) + 1));
    }
    const unprotected = process.argv[3] === 'unprotected';
    const audience =
      process.argv[3] === 'mirrored'
        ? await openPeer({ Signals: mirrorSignals(['SIGINT', 'SIGTERM']) })
        : undefined;
    const changed = unprotected ? [] : protectSignalStacks();
    const storm = spawn('/bin/sh', [
      '-c',
      'while kill -TERM $PPID && kill -CHLD $PPID; do :; done 2>&-',
    ]);
    let wrong = 0;
    for (let call = 0; call < 100_000; call += 1) {
      const text = String(call);
      if (bridge.callSync('program.Recurse', [text]) !== text) wrong += 1;
      if (call % 100 === 0) await setImmediate();
    }
    storm.kill('SIGKILL');
    await once(storm, 'exit');
    const lacking = unprotected ? [] : protectSignalStacks();
    const heard = Number(audience?.callSync('program.Signals', []) ?? 0);
    audience?.close();
    bridge.close();
    await bridge.ended;
    console.log(JSON.stringify({ changed, lacking, wrong, seen, heard }));
  },

  /**
   * Signals arrive while JavaScript is busy: Go has both before a listener
   * runs.
   */
  async 'busy with signals'() {
    const seen: string[] = [];
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => seen.push(signal));
    }
    const Signals = mirrorSignals(['SIGINT', 'SIGTERM']);
    const bridge = await openPeer({ Signals });
    process.kill(process.pid, 'SIGTERM');
    process.kill(process.pid, 'SIGINT');
    while (bridge.callSync('program.Signals', []) !== '2');
    console.log(`Go has heard of 2, JavaScript of ${String(seen.length)}`);
    await setImmediate();
    while (seen.length < 2) await setImmediate();
    console.log(seen.sort().join(' '));
    bridge.close();
  },

  'mirrorSignals, refused'() {
    const attempt = (...signals: NodeJS.Signals[]) => {
      try {
        mirrorSignals(signals);
        console.log('taken');
      } catch (error) {
        console.log((error as Error).message);
      }
    };
    process.on('SIGTERM', () => undefined);
    attempt('SIGTERM', 'SIGINT');
    attempt('SIGKILL');
    attempt('SIGTERM');
    attempt('SIGTERM');
  },

  /**
   * Prints whether its parent, argv[3], exists, and then blocks the event loop.
   */
  'busy child'() {
    const there = dieWithParent(Number(process.argv[3]));
    writeSync(1, `${String(process.pid)} ${String(there)}\n`);
    if (there) for (;;);
  },
};

await programs[process.argv[2] ?? '']?.();
