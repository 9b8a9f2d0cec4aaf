/**
 * The VM process's entry point: the only file that touches argv, the
 * environment, file descriptors, signals and child processes. The others get
 * them as arguments.
 */
import childProcess from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';

import { BridgeError, messageOf, type Bridge } from '@agd-bridge/bridge';

import {
  DOWNCALL_TIMES,
  times,
  variables,
  type StopSignal,
} from './contract.js';
import { DowncallTimer } from './downcall-times.js';
import { makeEnd } from './ending.js';
import { exitCodes } from './exit-codes.js';
import { keepDirectories } from './jail.js';
import { checkKernel } from './kernel.js';
import { becomeAgd, findAgd } from './launch.js';
import { UsageError, help, limitsOf, modeOf, type Mode } from './modes.js';
import { ownSignals, stopSignals, type SignalHooks } from './signals.js';
import { keeper, leaveUpstream } from './upstream-end.js';
import type { Vm } from './vm.js';
import { isolateWorkers, type Relay } from './workers.js';

const { version, dependencies } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string; dependencies: Record<string, string> };
const software = `agvm ${version}`;
/** For logs and traces: a replay of a trace can have another kernel or Node.js. */
const built = `${software} (@agoric/cosmic-swingset ${String(dependencies['@agoric/cosmic-swingset'])}, Node.js ${process.versions.node})`;
const args = process.argv.slice(2);
const ignoreHangup = process.env[variables.ignoreHangup] !== undefined;
/** The parent at the start, read before the slow imports. */
const parent = process.ppid;

/** Standard error as it was before {@link mute}. */
let unmuted: { readonly write: (text: string) => unknown } | undefined;
const log = (line: string): void => {
  (unmuted ?? process.stderr).write(`agvm: ${line}\n`);
};

try {
  await run(modeOf(process.env, args));
} catch (error) {
  if (error instanceof UsageError || error instanceof BridgeError) {
    log(error.message);
  } else {
    console.error('agvm:', error);
  }
  process.exit(exitCodes.failed);
}

async function run(mode: Mode): Promise<void> {
  switch (mode.kind) {
    case 'help':
      process.stdout.write(help);
      return;
    case 'version':
      console.log(software);
      return;
    case 'launch':
      await launch();
      return;
    case 'split':
      await runSplit(mode);
      return;
    case 'inproc':
      await runInproc(mode);
      return;
  }
}

async function launch(): Promise<void> {
  const agd = findAgd(process.argv[1] ?? '', process.env);
  await becomeAgd(agd, args, process.env, async () => {
    const { exec } = await import('@agd-bridge/bridge-inproc');
    return exec;
  });
}

async function runSplit({
  readFd,
  writeFd,
  sharedFd,
}: Mode & { kind: 'split' }): Promise<void> {
  checkDescriptors(readFd, writeFd);
  await dieWithAgd();
  const limits = limitsOf(process.env);
  checkKernel();
  const opened: { bridge?: Bridge } = {};
  const state = { stopAsked: false, failed: false, lostCall: false };
  const { end, onSignal } = takeOver(() => {
    if (state.lostCall) return; // the kernel's failures follow from that
    opened.bridge?.close();
    process.exit(exitCodes.defect);
  });
  const { openSplit } = await import('@agd-bridge/bridge-split');
  const { startVm } = await import('./vm.js');
  const writing = writingEnd(writeFd);
  const vm = startVm({
    open: (serving) =>
      openSplit({
        readFd,
        writeFd,
        ...(sharedFd !== undefined && { sharedFd }),
        ...serving,
        limits,
      }),
    software: built,
    pid: process.pid,
    kernel: kernelOptions(),
    timer: timerOf(process.env[DOWNCALL_TIMES]),
    onStopAsked: () => {
      state.stopAsked = true;
      end(exitCodes.ok);
    },
    onFailure: (line) => {
      state.failed = true;
      vm.bridge.close();
      end(exitCodes.failed, line);
    },
    onGone: () => {
      if (state.failed) return;
      if (vm.isUpstream()) state.lostCall = true;
      mute();
    },
  });
  opened.bridge = vm.bridge;
  vm.agreed.then(
    () => {
      if (writing !== undefined) closeSync(writing);
    },
    () => undefined, // ends the VM
  );
  const leaving = { agdEnds: false };
  if (writing !== undefined) outliveCalls(vm, writing, leaving);
  onSignal((signal, again) => {
    if (vm.stop(signal, again)) return true;
    if (!vm.isUpstream() || again) return false;
    // Often agd has the signal, too, and closes the pipe.
    setTimeout(() => {
      end(exitCodes.stopped);
    }, times.upstreamGrace);
    return true;
  });
  const { kind, message } = await vm.bridge.closed;
  // Now: soon afterwards the kernel answers the call, because its downcall has
  // failed.
  const midCall = vm.pending() > 0 || state.lostCall;
  leaving.agdEnds = kind === 'peer' && !midCall;
  if (midCall && kind !== 'local') mute();
  if (midCall && kind === 'peer') {
    log(
      'agd is gone in the middle of a block action, which the next start repeats',
    );
  }
  if (state.stopAsked || (vm.isUpstream() && kind === 'peer')) {
    end(exitCodes.ok);
  } else {
    end(exitCodes.failed, `agd is gone: ${message}`);
  }
}

async function runInproc({
  library,
}: Mode & { kind: 'inproc' }): Promise<void> {
  const limits = limitsOf(process.env);
  checkKernel();
  const opened: { bridge?: Bridge } = {};
  const { end, onSignal } = takeOver(() => {
    if (!opened.bridge) process.exit(exitCodes.endedUnasked);
    // agd exits with the exit code and logs the reason.
    opened.bridge.close();
    setTimeout(() => process.exit(exitCodes.endedUnasked), times.programGrace);
  }, process);
  const { mirrorSignals, openInproc, protectSignalStacks } =
    await import('@agd-bridge/bridge-inproc');
  // agd receives signals at once, also while JavaScript is busy.
  const signals = mirrorSignals(stopSignals(ignoreHangup));
  const { startVm } = await import('./vm.js');
  const vm = startVm({
    open: (serving) =>
      openInproc({
        library,
        config: { args, limits, signals },
        ...serving,
        limits,
      }),
    software: built,
    pid: process.pid,
    kernel: kernelOptions(),
    timer: timerOf(process.env[DOWNCALL_TIMES]),
    onStopAsked: () => {
      // agd runs in this process: its own end follows, with the exit code.
    },
    onGone: mute, // agd reports why it ends
    onFailure: (line) => {
      // agd exits with the exit code.
      log(line);
      vm.bridge.close();
      setTimeout(() => {
        end(exitCodes.endedUnasked);
      }, times.programGrace);
    },
  });
  opened.bridge = vm.bridge;
  onSignal(vm.stop);
  // libuv installs and removes the handlers of these two as needed, each time
  // without SA_ONSTACK. A permanent listener keeps them installed.
  process.on('SIGCHLD', () => undefined);
  process.on('SIGWINCH', () => undefined);
  protectSignalStacks();
  const { exitCode, message } = await vm.bridge.ended;
  end(exitCode, message === '' ? undefined : message);
}

/**
 * Keeps the pipe that upstream's agd reads open after this process's exit, where
 * ./upstream-end.ts needs that.
 *
 * @param writing the writing end
 * @param leaving whether agd has closed the other pipe while no call ran
 */
function outliveCalls(
  vm: Vm<Bridge>,
  writing: number,
  leaving: { agdEnds: boolean },
): void {
  const still = new Int32Array(new SharedArrayBuffer(4));
  process.once('exit', (code) => {
    const failed = code !== exitCodes.ok && code !== exitCodes.stopped;
    if (!vm.isUpstream() || failed) return;
    leaveUpstream({
      agdLives: () => {
        try {
          writeSync(writing, '\n');
          return true;
        } catch (error) {
          return (error as NodeJS.ErrnoException).code === 'EAGAIN';
        }
      },
      handOver: () => {
        childProcess.spawn(process.execPath, ['--eval', keeper], {
          stdio: ['ignore', 'ignore', 'ignore', writing],
          env: {},
          detached: true,
        });
      },
      agdEnds: () => leaving.agdEnds,
      now: () => performance.now(),
      sleep: (ms) => Atomics.wait(still, 0, 0, ms),
    });
  });
}

/**
 * Opens the pipe that agd reads a second time, non-blocking. Returns undefined if
 * that fails, such as when agd no longer reads; the bridge reports that.
 */
function writingEnd(fd: number): number | undefined {
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK;
    return openSync(`/proc/self/fd/${String(fd)}`, flags);
  } catch {
    return undefined;
  }
}

/**
 * agd's end closes the pipe, which JavaScript notices only in its event loop.
 * Where the addon is built, the Linux kernel also ends this process, even
 * behind a wrapper.
 */
async function dieWithAgd(): Promise<void> {
  const { dieWithParent } = await import('@agd-bridge/bridge-inproc/process');
  try {
    if (dieWithParent(parent)) return;
  } catch {
    return; // the addon is not built
  }
  throw new UsageError('agd is gone: it ended while agvm started');
}

/**
 * Drops what the kernel prints, with stacks, because its downcalls fail. Only
 * {@link log} still writes.
 */
function mute(): void {
  if (unmuted !== undefined) return;
  unmuted = { write: process.stderr.write.bind(process.stderr) };
  for (const output of [process.stdout, process.stderr]) {
    output.write = () => true;
  }
}

/**
 * Handles signals, uncaught errors and child processes, for the life of the
 * process.
 */
function takeOver(endDefect: () => void, relay?: Relay) {
  // Drops the output when its reader has gone.
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', () => undefined);
  }
  let stop: ((signal: StopSignal, again: boolean) => boolean) | undefined;
  const hooks: SignalHooks = {
    onStop: (signal, again) => {
      if (!stop?.(signal, again)) {
        end(exitCodes.stopped);
      }
    },
    onDefect: (what, error) => {
      // The console, not the error's stack: lockdown hides stacks from
      // programs.
      console.error(`agvm: ${what}: ${messageOf(error)}\n`, error);
      endDefect();
    },
  };
  const kernelShutdown = ownSignals(process, hooks, ignoreHangup);
  const end = makeEnd({ target: process, kernelShutdown, log });
  isolateWorkers(process, childProcess, relay);
  if (process.env[variables.jail] !== undefined) keepDirectories();
  return {
    end,
    onSignal: (handler: NonNullable<typeof stop>) => {
      stop = handler;
    },
  };
}

/**
 * A timer that appends to a file; undefined without one. A failed write ends
 * the measurement alone.
 *
 * @throws {UsageError} the file cannot be opened
 */
function timerOf(file: string | undefined): DowncallTimer | undefined {
  if (file === undefined || file === '') return undefined;
  let fd: number | undefined;
  try {
    fd = openSync(file, 'a');
  } catch (error) {
    throw new UsageError(
      `${DOWNCALL_TIMES}: ${messageOf(error)}: name a file that agvm may write to`,
    );
  }
  const write = (line: string): void => {
    if (fd === undefined) return;
    try {
      writeSync(fd, line);
    } catch (error) {
      fd = undefined;
      log(`${DOWNCALL_TIMES}: ${messageOf(error)}: no more times are written`);
    }
  };
  return new DowncallTimer(write, () => performance.now());
}

function kernelOptions() {
  return { args, env: process.env, homedir: os.homedir() };
}

function checkDescriptors(readFd: number, writeFd: number): void {
  const read = checkDescriptor(variables.fromAgd, readFd);
  const write = checkDescriptor(variables.toAgd, writeFd);
  if (read.ino === write.ino && read.dev === write.dev) {
    throw new UsageError(
      `${variables.fromAgd} and ${variables.toAgd} are the ends of one pipe, not of two: ` +
        `run "agd start --split", which opens them`,
    );
  }
}

function checkDescriptor(variable: string, descriptor: number) {
  const stat = statOf(variable, descriptor);
  if (!stat.isFIFO()) {
    // For example a descriptor of Node's own, which has this number if agd
    // passed none.
    throw new UsageError(
      `${variable}=${String(descriptor)} is not a pipe: run "agd start --split", which opens it`,
    );
  }
  return stat;
}

function statOf(variable: string, descriptor: number) {
  try {
    // With bigint, because otherwise Node (20.20) keeps "pipe" in a buffer that
    // its module resolution reads, and then loads a symbolically linked package
    // a second time.
    return fstatSync(descriptor, { bigint: true });
  } catch (error) {
    throw new UsageError(
      `${variable}=${String(descriptor)} is not an open file descriptor: ${messageOf(error)}: ` +
        `run "agd start --split", which opens it`,
    );
  }
}
