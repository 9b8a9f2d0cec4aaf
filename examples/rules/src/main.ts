/**
 * The Node process of both modes, started by `rules` (Go). The only file that
 * touches argv, the environment and signals.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { TypedBridge, messageOf, type Bridge } from '@agd-bridge/bridge';
import { protectSignalStacks } from '@agd-bridge/bridge-inproc';
import { openBridge, type ProgramEnd } from '@agd-bridge/bridge-open';

import { checks, type Calls, type Handles } from './methods.js';
import { makeLookups, type Rule } from './rule.js';

const { exitCode, message } = await run().catch((error: unknown) => ({
  exitCode: 1,
  message: messageOf(error),
}));
if (message !== '') console.error(`rules: ${message}`);
process.exit(exitCode); // even if rules are still running

async function run(): Promise<ProgramEnd> {
  const bridge = openBridge(process.env, {
    config: process.argv.slice(2), // for the library
    peerName: 'rules',
    software: 'rules 0.1.0',
  });
  serve(bridge);
  if (bridge.mode === 'in-process') protectSignalStacks();
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
