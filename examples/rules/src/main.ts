/**
 * The Node process of both modes, started by `rules` (Go). The only file that
 * touches argv, the environment and signals.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import {
  TypedBridge,
  acceptHandshake,
  messageOf,
  type Bridge,
} from '@agd-bridge/bridge';

import { checks, type Calls, type Handles } from './methods.js';
import { makeLookups, type Rule } from './rule.js';

const { RULES_LIBRARY, AGVM_FROM_AGD, AGVM_TO_AGD } = process.env;
const { exitCode, message } = await (RULES_LIBRARY === undefined
  ? runSplit(Number(AGVM_FROM_AGD), Number(AGVM_TO_AGD))
  : runInproc(RULES_LIBRARY));
if (message !== '') console.error(`rules: ${message}`);
process.exit(exitCode); // even if rules are still running

/** How this process ends. */
interface End {
  readonly exitCode: number;
  readonly message: string;
}

/** The service is the parent process, which reports the outcome itself. */
async function runSplit(readFd: number, writeFd: number): Promise<End> {
  const { openSplit } = await import('@agd-bridge/bridge-split');
  const bridge = openSplit({ readFd, writeFd, peerName: 'rules' });
  serve(bridge);
  const { kind, message } = await bridge.closed;
  return kind === 'protocol'
    ? { exitCode: 1, message }
    : { exitCode: 0, message: '' };
}

/** The service is a library in this process and determines its exit. */
async function runInproc(library: string): Promise<End> {
  const { openInproc, protectSignalStacks } =
    await import('@agd-bridge/bridge-inproc');
  const config = process.argv.slice(2);
  const bridge = openInproc({ library, config, peerName: 'rules' });
  serve(bridge);
  protectSignalStacks();
  return bridge.ended;
}

/** Sets up the bridge, the same in both modes. */
function serve(bridge: Bridge): void {
  const service = new TypedBridge<Calls, Handles>(bridge, checks);
  const lookups = makeLookups(service);
  let rule: Rule | undefined;

  service.handle('rules.Load', async ([file]) => {
    rule = await load(file);
  });
  service.handle('rules.Evaluate', async ([order]) => {
    if (!rule) throw new Error('no rules were loaded');
    return rule(order, lookups);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second signal has its default effect and ends the process.
    process.once(signal, () => {
      try {
        service.notify('service.Stop', []);
      } catch {
        // The bridge has closed: the end is under way.
      }
    });
  }
  // The service also gets the failure, and ends.
  acceptHandshake(bridge, 'rules 0.1.0').catch(() => undefined);
}

/** @throws Error that names the file */
async function load(file: string): Promise<Rule> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as typeof module;
  } catch (error) {
    throw new Error(`cannot load ${file}: ${messageOf(error)}`);
  }
  if (typeof module.default !== 'function') {
    throw new Error(`${file}: expected a function as the default export`);
  }
  return module.default as Rule;
}
