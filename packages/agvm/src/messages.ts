import { LocalError, type Json, type Params } from '@agd-bridge/bridge';

import { elementsOf, membersOf, objectOf } from './raw-json.js';
import type { ActionMethod, MessageMethod } from './schemas.js';

/**
 * The kernel's messages and the bridge's methods: one table, used in both
 * directions, without loss. `schemas.ts` defines each method's params and
 * result, and also has the downcalls that correspond to no message of today's
 * kernel; `docs/protocol.md` shows all.
 *
 * A message of the kernel is a port and a JSON text. One member of that text,
 * `method` or `type`, distinguishes the messages of a port.
 */

/**
 * The chain's modules that the kernel sends to, and the port numbers that this
 * adapter assigns to them at INIT.
 */
export const ports = {
  storage: 1,
  swingset: 2,
  vbank: 3,
  vibc: 4,
  vlocalchain: 5,
  vtransfer: 6,
} as const;

export type PortName = keyof typeof ports;

/**
 * How a message maps to the params of its method:
 * `args`: `{"args":[…],"method":…}` ↔ the elements of `args`;
 * `rest`: `{…,"type":…}` ↔ one object, the other members;
 * `whole`: the message unchanged ↔ one param.
 */
type Form = 'args' | 'rest' | 'whole';

export interface DowncallRow {
  readonly port: PortName;
  /** The value of the message's `method` or `type`; undefined: every message of the port. */
  readonly name: string | undefined;
  readonly method: MessageMethod;
  readonly form: Form;
}

type Row = Omit<DowncallRow, 'method'>;

const storage = (name: string): Row => ({
  port: 'storage',
  name,
  form: 'args',
});
const vbank = (name: string): Row => ({ port: 'vbank', name, form: 'rest' });

const downcallTable: Readonly<Record<MessageMethod, Row>> = {
  'vstorage.Get': storage('get'),
  'vstorage.Has': storage('has'),
  'vstorage.Set': storage('set'),
  'vstorage.SetWithoutNotify': storage('setWithoutNotify'),
  'vstorage.LegacySet': storage('legacySet'),
  'vstorage.Append': storage('append'),
  'vstorage.Size': storage('size'),
  'vstorage.Children': storage('children'),
  'vstorage.Keys': storage('keys'), // the previous name of children
  'vstorage.Entries': storage('entries'),
  'vstorage.Values': storage('values'),
  'vstorage.GetStoreKey': storage('getStoreKey'),
  'vbank.GetBalance': vbank('VBANK_GET_BALANCE'),
  'vbank.GetModuleAccountAddress': vbank('VBANK_GET_MODULE_ACCOUNT_ADDRESS'),
  'vbank.Grab': vbank('VBANK_GRAB'),
  'vbank.Give': vbank('VBANK_GIVE'),
  'vbank.GiveToRewardDistributor': vbank('VBANK_GIVE_TO_REWARD_DISTRIBUTOR'),
  'swingset.SwingStoreUpdateExportData': {
    port: 'swingset',
    name: 'swingStoreUpdateExportData',
    form: 'args',
  },
  'vibc.Send': { port: 'vibc', name: undefined, form: 'whole' },
  'vlocalchain.Send': { port: 'vlocalchain', name: undefined, form: 'whole' },
  'vtransfer.Send': { port: 'vtransfer', name: undefined, form: 'whole' },
};

/** agvm → agd: the downcalls that correspond to messages of the kernel. */
export const downcalls: readonly DowncallRow[] = (
  Object.keys(downcallTable) as MessageMethod[]
).map((method) => ({ method, ...downcallTable[method] }));

export interface UpcallRow {
  readonly method: ActionMethod;
  /** The action's `type`. */
  readonly type: string;
  /** Whether it is a block action: at most one of these runs at a time. */
  readonly block: boolean;
  /** Whether the action also carries the port numbers. */
  readonly withPorts: boolean;
}

const upcallTable: Readonly<Record<ActionMethod, Omit<UpcallRow, 'method'>>> = {
  'swingset.Init': { type: 'AG_COSMOS_INIT', block: true, withPorts: true },
  'swingset.BeginBlock': blockAction('BEGIN_BLOCK'),
  'swingset.EndBlock': blockAction('END_BLOCK'),
  'swingset.CommitBlock': blockAction('COMMIT_BLOCK'),
  'swingset.AfterCommitBlock': blockAction('AFTER_COMMIT_BLOCK'),
  'swingset.SwingStoreExport': {
    type: 'SWING_STORE_EXPORT',
    block: false,
    withPorts: false,
  },
};

function blockAction(type: string) {
  return { type, block: true, withPorts: false };
}

/** agd → agvm: the upcalls that correspond to actions of the kernel. */
export const upcalls: readonly UpcallRow[] = (
  Object.keys(upcallTable) as ActionMethod[]
).map((method) => ({ method, ...upcallTable[method] }));

/** A downcall as the bridge carries it. */
export interface BridgeCall {
  readonly row: DowncallRow;
  readonly params: Params;
}

/**
 * The bridge's call for a message of the kernel.
 *
 * @throws {LocalError} no row of the table matches; the error names the message
 * and the port
 */
export function toBridge(port: number, text: Json): BridgeCall {
  const portName = portNames.get(port);
  if (portName === undefined) {
    throw new LocalError(`no such port: ${String(port)}`);
  }
  const everyMessage = rowOf(portName, undefined);
  if (everyMessage) {
    return { row: everyMessage, params: [text] };
  }
  const members = membersOf(text);
  if (!members) {
    throw new LocalError(`port ${portName}: a message must be an object`);
  }
  const tag = tagOf(portName);
  const name = members.find(([member]) => member === tag)?.[1];
  const row =
    name === undefined ? undefined : rowOf(portName, parseString(name));
  if (!row) {
    throw new LocalError(
      `port ${portName}: no message with ${tag} ${name === undefined ? 'missing' : name.slice(0, 100)}`,
    );
  }
  const others = members.filter(([member]) => member !== tag);
  if (members.length !== others.length + 1) {
    throw new LocalError(`port ${portName}: ${tag} occurs twice`);
  }
  return {
    row,
    params: row.form === 'args' ? argsOf(row, others) : [objectOf(others)],
  };
}

/**
 * The kernel's message for a downcall: the inverse of {@link toBridge}. Both
 * the kernel and this function sort a message's members, so the text is
 * identical to the kernel's.
 *
 * @throws {LocalError} no row has this method, or the params do not fit it
 */
export function toKernel(
  method: string,
  params: Params,
): { port: number; text: Json } {
  const row = downcalls.find((candidate) => candidate.method === method);
  if (!row) {
    throw new LocalError(`no such downcall: ${JSON.stringify(method)}`);
  }
  const port = ports[row.port];
  if (row.form === 'args') {
    return {
      port,
      text: `{"args":[${params.join(',')}],"method":${JSON.stringify(row.name)}}`,
    };
  }
  const [message] = params;
  if (message === undefined || params.length !== 1) {
    throw new LocalError(`${method}: expected one param`);
  }
  if (row.form === 'whole') {
    return { port, text: message };
  }
  const members = membersOf(message);
  if (!members) {
    throw new LocalError(`${method}: expected an object`);
  }
  const tagged = [
    ...members,
    [tagOf(row.port), JSON.stringify(row.name)] as const,
  ];
  tagged.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { port, text: objectOf(tagged) };
}

/**
 * The kernel's action for an upcall: the params' one object with `type` (and
 * the port numbers) in front. The text of the object's members is kept.
 *
 * @throws {LocalError} the params are not one object without those members
 */
export function actionOf(row: UpcallRow, params: Params): Json {
  const [body] = params;
  const members = body === undefined ? undefined : membersOf(body);
  if (body === undefined || members === undefined || params.length !== 1) {
    throw new LocalError(
      `${row.method}: expected one object as its only param`,
    );
  }
  const added: [string, Json][] = [['type', JSON.stringify(row.type)]];
  if (row.withPorts) {
    for (const [name, number] of Object.entries(ports)) {
      added.push([`${name}Port`, String(number)]);
    }
  }
  const clash = members.find(([name]) => added.some(([mine]) => mine === name));
  if (clash) {
    throw new LocalError(
      `${row.method}: ${JSON.stringify(clash[0])} is not agd's to set`,
    );
  }
  const head = objectOf(added).slice(0, -1);
  const tail = body.slice(body.indexOf('{') + 1);
  return members.length === 0 ? `${head}}` : `${head},${tail}`;
}

const portNames = new Map<number, PortName>(
  (Object.keys(ports) as PortName[]).map((name) => [ports[name], name]),
);

const rowsByName = new Map(
  downcalls.map((row) => [`${row.port} ${row.name ?? ''}`, row]),
);

function rowOf(
  port: PortName,
  name: string | undefined,
): DowncallRow | undefined {
  return rowsByName.get(`${port} ${name ?? ''}`);
}

/** The member that distinguishes a port's messages. */
function tagOf(port: PortName): 'method' | 'type' {
  return port === 'storage' || port === 'swingset' ? 'method' : 'type';
}

function argsOf(row: DowncallRow, others: [string, Json][]): Params {
  const [first, ...more] = others;
  const args = first?.[0] === 'args' ? elementsOf(first[1]) : undefined;
  if (!args || more.length > 0) {
    throw new LocalError(
      `${row.method}: expected the members args (an array) and method only`,
    );
  }
  return args;
}

function parseString(raw: Json): string | undefined {
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : undefined;
}
