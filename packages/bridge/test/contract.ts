/**
 * What two languages must agree on, and where each has it. The test beside this
 * table finds every constant in the sources below a directory, so files may
 * move.
 */
export interface ContractRow {
  readonly name: string;
  readonly value: number | string;
  /** Directory, and a pattern whose first group is the value in its sources. */
  readonly places: readonly (readonly [directory: string, pattern: RegExp])[];
}

const goBridge = 'go/bridge';
/** The one file of Go with the names that agd and agvm share. */
const goContract = 'go/contract';
const ringTs = 'packages/bridge-split/src';
const addon = 'packages/bridge-split/src';
const vm = 'packages/agvm/src';

const limit = (value: number, name: string): ContractRow => ({
  name: `limit ${name}`,
  value,
  places: [
    [
      goBridge,
      new RegExp(
        `\\t\\t${name[0]?.toUpperCase() ?? ''}${name.slice(1)}: +([\\d_ <]+),`,
      ),
    ],
    ['packages/bridge/src', new RegExp(`  ${name}: ([^,]+),`)],
  ],
});

/** A number of a ring's control block. */
const control = (
  value: number,
  name: string,
  inGo: RegExp,
  inTs?: RegExp,
): ContractRow => ({
  name: `ring: offset of ${name}`,
  value,
  places: [
    [goBridge, inGo],
    ...(inTs ? ([[ringTs, inTs]] as const) : []),
    [addon, new RegExp(`k${name} = (\\d+)`)],
  ],
});

const offsets = (group: number): RegExp =>
  new RegExp(
    `offTail, offHead, offState, offBell, offProcessor = ${Array.from({ length: 5 }, (_, i) => (i === group ? '(\\d+)' : '\\d+')).join(', ')}`,
  );

const spin = (
  value: number,
  name: string,
  inGo: RegExp,
  inAddon: RegExp,
): ContractRow => ({
  name: `spin: ${name}`,
  value,
  places: [
    [goBridge, inGo],
    [addon, inAddon],
  ],
});

const variable = (name: string): ContractRow => ({
  name: `variable ${name}`,
  value: name,
  places: [
    [goContract, new RegExp(`= "(${name})"`)],
    [vm, new RegExp(`'(${name})'`)],
  ],
});

const method = (
  name: string,
  inGo: string,
  directory: string,
): ContractRow => ({
  name: `method ${name}`,
  value: name,
  places: [
    [inGo, new RegExp(`= "(${name})"`)],
    [directory, new RegExp(`= '(${name})'`)],
  ],
});

/** A member of a message's object. */
const member = (
  message: string,
  name: string,
  directory: string,
  type: string,
): ContractRow => ({
  name: `${message}: member ${name}`,
  value: name,
  places: [
    ['go', new RegExp(`json:"(${name})[",]`)],
    [directory, new RegExp(`readonly (${name})\\??: ${type}`)],
  ],
});

const stopSignal = (name: string): ContractRow => ({
  name: `agd.Stop: ${name}`,
  value: name,
  places: [
    ['go', new RegExp(`stopSignals\\s*=.*"(${name})"`, 'i')],
    [vm, new RegExp(`type StopSignal = .*'(${name})'`)],
  ],
});

const seconds = (value: number, inGo: string, inTs: string): ContractRow => ({
  name: `time ${inGo}, in s`,
  value,
  places: [
    ['go', new RegExp(`\\b${inGo}\\s*=\\s*(\\d+) \\* time\\.Second`, 'i')],
    [vm, new RegExp(`  ${inTs}: (\\d+) \\* 1000,`)],
  ],
});

const exitCode = (value: number, inGo: string, inTs: string): ContractRow => ({
  name: `exit code ${String(value)}`,
  value,
  places: [
    ['go/supervisor', new RegExp(`\\t${inGo} = (\\d+)`)],
    [vm, new RegExp(`  ${inTs}: (\\d+)`)],
  ],
});

export const contract: readonly ContractRow[] = [
  {
    name: 'version of the protocol',
    value: 1,
    places: [
      [goBridge, /const ProtocolVersion = (\d+)/],
      ['packages/bridge/src', /PROTOCOL_VERSION = (\d+)/],
    ],
  },
  method('bridge.Handshake', goBridge, 'packages/bridge/src'),
  method('agvm.Stop', goContract, vm),
  method('agd.Stop', goContract, vm),

  limit(64 << 20, 'maxFrameBytes'),
  limit(512, 'maxNesting'),
  limit(16_384, 'maxPendingCalls'),
  limit(256 << 20, 'maxQueuedBytes'),
  {
    name: 'limit maxValues',
    value: 4 << 20,
    places: [
      [goBridge, /const MaxValues = (.+)/],
      ['packages/jsonrpc1/src', /MAX_VALUES = ([^;]+);/],
    ],
  },
  {
    name: 'bytes of a param in the queue',
    value: 24,
    places: [
      [goBridge, /const few, slice = \d+, (\d+)/],
      ['packages/bridge-peer/src', /PARAM_BYTES = (\d+)/],
    ],
  },
  {
    name: 'params that do not count in the queue',
    value: 64,
    places: [
      [goBridge, /const few, slice = (\d+)/],
      ['packages/bridge-peer/src', /FEW_PARAMS = (\d+)/],
    ],
  },
  {
    name: 'limit maxTextBytes',
    value: 64 * 1024 * 1024 - 1024,
    places: [[vm, /MAX_TEXT_BYTES = ([^;]+);/]],
  },
  {
    name: 'limit maxTextBytes: the frame around a text',
    value: 1024,
    places: [
      ['go/vm', /frameRoom = (.+)/],
      [vm, /MAX_TEXT_BYTES = .+ - (\d+);/],
    ],
  },

  ...['maxFrameBytes', 'maxNesting', 'maxPendingCalls', 'maxQueuedBytes'].map(
    (member): ContractRow => ({
      name: `AGVM_LIMITS: member ${member}`,
      value: member,
      places: [
        [goContract, new RegExp('json:"(' + member + ')"')],
        ['packages/bridge/src', new RegExp(`  (${member}): `)],
      ],
    }),
  ),

  variable('AGVM_FROM_AGD'),
  variable('AGVM_TO_AGD'),
  variable('AGVM_SHM'),
  variable('AGVM_LIBAGD'),
  variable('AGVM_LIMITS'),
  variable('AGVM_JAIL'),
  variable('AGVM_IGNORE_SIGHUP'),

  member('handshake', 'protocol', 'packages/bridge/src', 'number'),
  member('handshake', 'software', 'packages/bridge/src', 'string'),
  member('handshake', 'capabilities', 'packages/bridge/src', 'readonly'),
  member('handshake', 'pid', 'packages/bridge/src', 'number'),
  member('agd.Stop', 'signal', vm, 'StopSignal'),
  member('agd.Stop', 'again', vm, 'true'),
  stopSignal('SIGINT'),
  stopSignal('SIGTERM'),
  stopSignal('SIGHUP'),
  method('swingset.SwingStoreState', 'go/vm', vm),

  seconds(3, 'StopGrace', 'stopGrace'),
  seconds(5, 'TermGrace', 'termGrace'),
  {
    name: 'time HurriedGrace, in ms',
    value: 500,
    places: [
      ['go', /\bHurriedGrace\s*=\s*(\d+) \* time\.Millisecond/i],
      [vm, /  hurriedGrace: (\d+),/],
    ],
  },

  exitCode(98, 'ExitSignal', 'stopped'),
  exitCode(99, 'ExitUnasked', 'endedUnasked'),
  {
    name: 'exit code of a stop before Go or JavaScript takes signals',
    value: 98,
    places: [
      ['go/cmd/agd', /kExitSignal = (\d+)/],
      ['packages/agvm/native', /kExitStopped = (\d+)/],
    ],
  },
  exitCode(1, 'ExitFailure', 'failed'),
  exitCode(0, 'ExitOK', 'ok'),

  {
    name: 'ring: mark in a pipe',
    value: 0x0e,
    places: [
      [goBridge, /const Marker = (\S+)/],
      [ringTs, /MARKER = ([^;]+);/],
    ],
  },
  {
    name: 'ring: magic number',
    value: 0x72646761,
    places: [
      [goBridge, /\tmagic +=\s(\S+)/],
      [ringTs, /const MAGIC = ([^;]+);/],
    ],
  },
  {
    name: 'ring: version of the layout',
    value: 1,
    places: [
      [goBridge, /\tlayout +=\s(\S+)/],
      [ringTs, /const LAYOUT = ([^;]+);/],
    ],
  },
  {
    name: 'ring: bytes of the header',
    value: 4096,
    places: [
      [goBridge, /\theaderBytes = (\d+)/],
      [ringTs, /HEADER_BYTES = (\d+)/],
    ],
  },
  {
    name: 'ring: control block, agd → agvm',
    value: 1024,
    places: [
      [goBridge, /controlToPeer, controlFromPeer = (\d+)/],
      [ringTs, /controlFromPeer: (\d+)/],
    ],
  },
  {
    name: 'ring: control block, agvm → agd',
    value: 2048,
    places: [
      [goBridge, /controlToPeer, controlFromPeer = \d+, (\d+)/],
      [ringTs, /controlToPeer: (\d+)/],
    ],
  },
  control(0, 'Tail', offsets(0), /  tail: (\d+)/),
  control(128, 'Head', offsets(1), /  head: (\d+)/),
  control(256, 'State', offsets(2), /  state: (\d+)/),
  control(260, 'Bell', offsets(3)),
  control(264, 'Processor', offsets(4)),
  {
    name: 'ring: the consumer polls',
    value: 0,
    places: [
      [goBridge, /\tawake +=\s(\d)/],
      [ringTs, /const AWAKE = (\d)/],
      [addon, /kAwake = (\d)/],
    ],
  },
  {
    name: 'ring: the consumer sleeps',
    value: 1,
    places: [
      [goBridge, /\tasleep +=\s(\d)/],
      [ringTs, /const ASLEEP = (\d)/],
      [addon, /kAsleep = (\d)/],
    ],
  },
  {
    name: 'ring: the consumer waits for a byte',
    value: 2,
    places: [
      [goBridge, /\tdoorbell +=\s(\d)/],
      [ringTs, /const DOORBELL = (\d)/],
    ],
  },
  {
    name: 'ring: writes between two checks of the head',
    value: 32,
    places: [
      [goBridge, /mostUnchecked = (\d+)/],
      [addon, /kMostUnchecked = (\d+)/],
    ],
  },
  spin(
    100,
    'longest, in µs',
    /maxSpin = (\d+) \* time\.Microsecond/,
    /kMaxSpin = std::chrono::microseconds\((\d+)\)/,
  ),
  spin(
    2,
    'until a yield, in µs',
    /maxAlone = (\d+) \* time\.Microsecond/,
    /kMaxAlone = std::chrono::microseconds\((\d+)\)/,
  ),
  spin(
    30,
    'until a yield, the peer elsewhere, in µs',
    /maxApart = (\d+) \* time\.Microsecond/,
    /kMaxApart = std::chrono::microseconds\((\d+)\)/,
  ),
  spin(
    8,
    'polls between two looks at the clock',
    /spinLoads = (\d+)/,
    /kSpinLoads = (\d+)/,
  ),
  spin(8, 'long waits in a row', /mostMisses = (\d+)/, /kMostMisses = (\d+)/),
  spin(16, 'waits between two tries', /retry +=\s(\d+)/, /kRetry = (\d+)/),
];
