import type { BedChain, Load } from '@agd-bridge/ab';
import type { Way } from '@agd-bridge/chain-kit';

import type { Case } from '../cases.js';
import { transferChain, transfers, watched } from './transfers.js';

/**
 * Measurements of whole nodes, on a real chain with the real kernel. `end
 * block`: END_BLOCK as agd sees it. `block`: from the moment when a node may
 * propose a block until its commit. `first block`: from the start of agd until
 * the commit of its first block. `connected`: from the start of agd until the
 * handshake with the VM. `memory`: of all processes of a node, between blocks.
 * `idle`: CPU time of all processes of a node in a second without a block.
 * `handler`: agd's handlers, a downcall of a block. `beyond handler`: a
 * downcall of a block as the kernel sees it, less agd's handler.
 */
export type ChainOp =
  | 'end block'
  | 'block'
  | 'connected'
  | 'first block'
  | 'memory'
  | 'idle'
  | 'handler'
  | 'beyond handler';

/**
 * The modes. The costs of the jail and of recordings are separate comparisons.
 */
export const modes = {
  'in-process': { mode: 'in-process' },
  split: { mode: 'split', jail: 'off' },
} as const satisfies Record<string, Way>;

/** The split mode, with and without its jail. */
export const jails = {
  split: { mode: 'split', jail: 'off' },
  'split, jail': { mode: 'split', jail: 'on' },
} as const satisfies Record<string, Way>;

/** The modes as users get them: the jail as far as the system supports it. */
export const defaults = {
  'in-process': { mode: 'in-process' },
  split: { mode: 'split' },
} as const satisfies Record<string, Way>;

const unrecorded = { mode: 'split', jail: 'off', record: 'nothing' } as const;

/** The split mode, with and without the flight recorder. */
export const flights = {
  'no recording': unrecorded,
  'flight recorder': { mode: 'split', jail: 'off', record: 'flight' },
} as const satisfies Record<string, Way>;

/** The split mode, with and without a trace. */
export const traces = {
  'no recording': unrecorded,
  trace: { mode: 'split', jail: 'off', record: 'trace' },
} as const satisfies Record<string, Way>;

/** The split mode, with and without spans of OpenTelemetry, which a sink receives. */
export const spans = {
  'no spans': { mode: 'split', jail: 'off' },
  spans: { mode: 'split', jail: 'off', spans: true },
} as const satisfies Record<string, BenchWay>;

/** A way; chain.ts gives one with `spans` its file. */
export type BenchWay = Way & { readonly spans?: true };

/** The ways to run a node that are compared, by name, and what its blocks have. */
export type ChainCase = Case & {
  readonly op: ChainOp;
  readonly ways: Readonly<Record<string, BenchWay>>;
  readonly load: Load;
  /** Default: agd's, with its demonstration vat. */
  readonly chain?: BedChain;
};

/** Wallet actions in a block, unless a case has others. */
export const ACTIONS = 200;
const usual: Load = { actions: ACTIONS };

const row = (
  name: string,
  op: ChainOp,
  unit: 'ns' | 'bytes',
  ways: ChainCase['ways'] = modes,
  load: Load = usual,
  chain?: BedChain,
): ChainCase => ({
  ...{ name, op, unit, ways, load },
  ...(chain && { chain }),
  ...{ bytes: 0, outstanding: 1, cpus: 'any' },
  ...(ways !== modes && { base: Object.keys(ways)[0] }),
});

export const endBlock = row(
  `END_BLOCK, ${String(ACTIONS)} actions`,
  'end block',
  'ns',
);
export const memory = row('memory of a node', 'memory', 'bytes');
export const firstBlock = row('start to first block', 'first block', 'ns');
export const idle = row('CPU time in a second without a block', 'idle', 'ns');
export const jailedBlock = row(
  `block, ${String(ACTIONS)} actions, with the jail`,
  'block',
  'ns',
  jails,
);
export const flownBlock = row(
  `END_BLOCK, ${String(ACTIONS)} actions, with the flight recorder`,
  'end block',
  'ns',
  flights,
);
export const tracedBlock = row(
  `END_BLOCK, ${String(ACTIONS)} actions, with a trace`,
  'end block',
  'ns',
  traces,
);
export const spannedBlock = row(
  `END_BLOCK, ${String(ACTIONS)} actions, with spans of OpenTelemetry`,
  'end block',
  'ns',
  spans,
);
export const jailedStart = row(
  'start to handshake, with the jail',
  'connected',
  'ns',
  jails,
);

export const defaultBlock = row(
  `END_BLOCK, ${String(ACTIONS)} actions, default options`,
  'end block',
  'ns',
  defaults,
);
const payments: Load = { actions: ACTIONS, workload: 'bank' };
export const bankBlock = row(
  `END_BLOCK, ${String(ACTIONS)} payments, default options`,
  'end block',
  'ns',
  defaults,
  payments,
);
/** Transfers from another chain in a block. */
export const TRANSFERS = 100;
const intercepted: Load = {
  actions: TRANSFERS,
  workload: transfers(() => watched),
};
const ofTransfers = (what: string, op: ChainOp): ChainCase =>
  row(
    `${what}, ${String(TRANSFERS)} intercepted transfers, default options`,
    op,
    'ns',
    defaults,
    intercepted,
    transferChain,
  );
/** The kernel intercepts each transfer, and a vat acknowledges it. */
export const transfersBlock = ofTransfers('block', 'block');
export const transfersEnd = ofTransfers('END_BLOCK', 'end block');
/** What the downcalls of the same blocks take, a call. */
const downcalls: readonly ChainCase[] = [
  row(
    `downcall of a block with ${String(ACTIONS)} payments: agd's handler`,
    'handler',
    'ns',
    defaults,
    payments,
  ),
  row(
    `downcall of a block with ${String(ACTIONS)} payments: beyond the handler`,
    'beyond handler',
    'ns',
    defaults,
    payments,
  ),
];
/** How END_BLOCK grows with the actions of a block. */
export const growth: readonly ChainCase[] = [10, 100, 1000].map((actions) => ({
  ...row(
    `END_BLOCK, ${actions.toLocaleString('en')} actions`,
    'end block',
    'ns',
    modes,
    { actions },
  ),
  grows: { name: 'END_BLOCK, actions', size: actions },
}));

/** All cases, one a row; chain.ts runs them. */
export const chainCases: readonly ChainCase[] = [
  endBlock,
  defaultBlock,
  bankBlock,
  ...downcalls,
  transfersBlock,
  transfersEnd,
  ...growth,
  memory,
  firstBlock,
  idle,
  jailedBlock,
  flownBlock,
  tracedBlock,
  spannedBlock,
  jailedStart,
];
