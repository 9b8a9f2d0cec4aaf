import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import {
  blocksOf,
  isShell,
  layOut,
  runShell,
  shellBlock,
  type Block,
} from '../support/docs.js';
import { bootedHome, withTempDir } from '../support/homes.js';
import { logEntry, nodePorts, runAgd } from '../support/node.js';
import { root } from '../support/paths.js';
import { Process, processes } from '../support/process.js';

/** Pages with commands that users paste. */
async function pages(): Promise<string[]> {
  const docs = (await readdir(join(root, 'docs'))).filter((name) =>
    name.endsWith('.md'),
  );
  return [
    ...['README.md', 'examples/rules/README.md'],
    ...docs.map((name) => `docs/${name}`).sort(),
  ];
}

async function shellBlocks(): Promise<Block[]> {
  const each = await Promise.all((await pages()).map(blocksOf));
  return each.flat().filter(isShell);
}

const demo = 'published.bank.$BOB';

/** The sequences that create a founder's home, in order. */
const newChain = [
  'agd init MONIKER',
  'p2p.external_address',
  'add-genesis-account ADDRESS',
  'gentx validator',
  'collect-gentxs',
  'p2p.persistent_peers',
  'statesync.rpc_servers',
];

/**
 * The sequences that a test runs unchanged: the page, a part of the text, the
 * test.
 */
const runs: readonly (readonly [page: string, part: string, where: string])[] =
  [
    ['README.md', demo, 'here'],
    ['README.md', 'make start   ', 'here'],
    ['README.md', 'make start SPLIT=0', 'here, without CORE=1'],
    ['docs/commands.md', 'provision-one alice', 'test/chain/core.test.ts'],
    ...newChain.map((part) => ['docs/operating.md', part, 'here'] as const),
  ];

/** The other sequences, with the reason why they cannot run unchanged. */
const notRun: readonly (readonly [page: string, part: string, why: string])[] =
  [
    [
      'examples/rules/README.md',
      '',
      'its own port; examples/rules/test has the requests',
    ],
    [
      'docs/commands.md',
      'agd export --export-dir',
      'a synopsis; export.test.ts',
    ],
    [
      'docs/commands.md',
      'unsafe-reset-all',
      'DIR and HOME are the reader’s; restore.test.ts',
    ],
    [
      'docs/commands.md',
      '--state-sync.snapshot-interval',
      'a synopsis; state-sync.test.ts',
    ],
    [
      'docs/commands.md',
      'agd snapshots load',
      'FILE is the reader’s; state-sync.test.ts',
    ],
    [
      'docs/commands.md',
      'bank send KEY',
      'KEY is the reader’s; its node is a chain with a poor pool',
    ],
    [
      'docs/commands.md',
      'alice bob 1000uist --yes --wait',
      'client-commands.test.ts',
    ],
    [
      'docs/commands.md',
      'vstorage follow',
      'ends with Ctrl-C; client-commands.test.ts',
    ],
    ['docs/commands.md', 'agd devnet [', 'a synopsis; install.test.ts'],
    ['docs/commands.md', 'AGD_RPC_LADDR', 'the reader’s ports'],
    ['docs/commands.md', 'agd doctor [', 'a synopsis; doctor.test.ts'],
    ['docs/commands.md', 'agd localnet [', 'a synopsis; localnet.test.ts'],
    [
      'docs/commands.md',
      'bank send alice agoric1…',
      'the address is the reader’s; localnet.test.ts',
    ],
    ['docs/commands.md', 'agd ab [', 'a synopsis; ab.test.ts'],
    ['docs/commands.md', 'agd tx ibc-transfer', 'needs a relayer; test/ibc'],
    [
      'docs/own-program.md',
      'npm create',
      'needs the registry; test/packages has each step',
    ],
    ['docs/own-program.md', 'npx --package', 'packages.test.ts has each step'],
    ['docs/debugging.md', '--vm-inspect ', 'three nodes; debug.test.ts'],
    ['docs/debugging.md', '--vm-node-args', 'three nodes; debug.test.ts'],
    ['docs/debugging.md', 'dlv', 'needs Delve'],
    ['docs/debugging.md', 'go tool pprof', 'profiles take seconds'],
    ['docs/debugging.md', 'AGVM_DOWNCALL_TIMES', 'as agd ab starts its nodes'],
    ['docs/debugging.md', 'bridge trace', 'a node in between; trace.test.ts'],
    ['docs/debugging.md', 'bridge replay', 'replay.test.ts'],
    ['docs/debugging.md', 'bridge diff', 'replay.test.ts'],
    ['docs/debugging.md', 'strace', 'needs strace and gdb'],
    ['docs/monitoring.md', 'agd top', 'metrics.test.ts'],
    ['docs/operating.md', 'make install', 'install.test.ts'],
    ['docs/operating.md', 'agd-static', 'compiles agd; test/static'],
    ['docs/operating.md', 'useradd', 'needs root'],
    ['docs/operating.md', 'sudo -H', 'needs root'],
    ['docs/operating.md', 'systemctl', 'needs root and systemd'],
    ['docs/operating.md', 'create-validator', 'an account of the network'],
    ['docs/operating.md', 'unjail', 'a validator that is jailed'],
    ['docs/operating.md', 'UPGRADES=', 'compiles agd; upgrade.test.ts has one'],
    ['docs/operating.md', 'cosmovisor run', '`make test-cosmovisor` runs it'],
    ['docs/performance.md', 'make bench', 'takes minutes'],
    ['docs/upstream.md', 'make agvm-package', 'test/upstream/package.test.ts'],
    ['docs/upstream.md', '--split-vm=', "upstream's agd; test/upstream"],
    ['docs/releases.md', '', 'needs root; test/release installs each file'],
    ['docs/security.md', '--jail=', 'three nodes; test/jail has each'],
  ];

test('every shell sequence of the documentation is run, or says why not', async (t) => {
  for (const { page, line, text } of await shellBlocks()) {
    const matches = [...runs, ...notRun].filter(
      ([where, part]) => where === page && text.includes(part),
    );
    t.true(matches.length > 0, `${page}:${String(line)} is in neither list`);
  }
});

/** Placeholders for the reader's values in a command line. */
const placeholders: readonly (readonly [RegExp, string])[] = [
  [/[[\]]/g, ''],
  [/\b(HEIGHT|FORMAT|N)\b/g, '1'],
];

/** The agd command lines of a block, as words. */
function commandLines({ text }: Block): string[][] {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  return lines.flatMap((line) =>
    [
      ...line.matchAll(
        /(?:^|[|;({]\s*|--\s|sudo\s+|[A-Z_]+=\S+\s+)(?:build\/)?agd (.*)/g,
      ),
    ].map(([, rest = '']) => wordsOf(rest)),
  );
}

/** The words of a command, up to a comment, a pipe or another end. */
function wordsOf(text: string): string[] {
  let plain = text;
  for (const [pattern, value] of placeholders) {
    plain = plain.replaceAll(pattern, value);
  }
  const words: string[] = [];
  for (const [word] of plain.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    const end = /[;|)#]/.exec(word.replaceAll(/"[^"]*"|'[^']*'/g, ''));
    if (end && !word.includes('|auto') && !/^\S+\|\S+\|/.test(word)) {
      const last = word.slice(0, word.search(/[;|)#]/));
      if (last !== '') words.push(last);
      break;
    }
    words.push(word.replaceAll(/^['"]|['"]$/g, ''));
  }
  return words;
}

test('every agd command line of the documentation has a command and flags that exist', async (t) => {
  const lines = new Map<string, { block: Block; words: string[] }>();
  for (const block of await shellBlocks()) {
    for (const words of commandLines(block)) {
      // A shell function of a sequence: its calls contain the rest.
      if (words.includes('$@')) continue;
      lines.set(words.join(' '), { block, words });
    }
  }
  t.true(lines.size > 20, [...lines.keys()].join('\n'));
  await withTempDir(async (dir) => {
    for (const [line, { block, words }] of lines) {
      const where = `${block.page}:${String(block.line)}: agd ${line}`;
      await t.notThrowsAsync(async () => {
        const help = await runAgd(dir, [...words, '--help']);
        const [, usage = ''] = /^Usage:\n\s+(.*)$/m.exec(help) ?? [];
        t.notRegex(usage, /\[command\]/, where);
      }, where);
    }
  });
});

test('every target of make in the documentation exists', async (t) => {
  const makefile = await readFile(join(root, 'Makefile'), 'utf8');
  for (const page of await pages()) {
    const text = await readFile(join(root, page), 'utf8');
    for (const [, targets = ''] of text.matchAll(
      /(?:^ {4}|`)make ((?:[a-z][a-z-]* ?)+)/gm,
    )) {
      for (const target of targets.trim().split(' ')) {
        t.regex(makefile, new RegExp(`^${target}:`, 'm'), `${page}: ${target}`);
      }
    }
  }
});

/**
 * Placeholders for a founder's values; the keyring `file` asks for a
 * passphrase.
 */
const founder: readonly (readonly [string, string])[] = [
  ['MONIKER', 'first'],
  ['CHAIN_ID', 'agd-docs'],
  ['keyring-backend file', 'keyring-backend test'],
  ['PUBLIC_IP', '192.0.2.1'],
  ['ADDRESS', '$(agd keys show validator -a)'],
  ['ID@HOST', `${'0a'.repeat(20)}@192.0.2.1`],
  ['HEIGHT', '1000'],
  ['HASH', '0A'.repeat(32)],
];

test('operating.md’s new chain is made as pasted', async (t) => {
  const blocks = await Promise.all(
    newChain.map((part) => shellBlock('docs/operating.md', part)),
  );
  let sequence = blocks.join('\n');
  for (const [name, value] of founder) {
    sequence = sequence.replaceAll(name, value);
  }
  await withTempDir(async (dir) => {
    const settings = [
      `export HOME=${dir} AGD_HOME=${dir} PATH=${join(root, 'build')}:$PATH`,
      sequence,
    ];
    const out = await runShell(dir, settings.join('\n'));
    t.regex(out, /^[0-9a-f]{64} {2}.*\/config\/genesis\.json$/m);
  });
});

/** The README's lines that start the demonstration chain, each with its mode. */
async function startLines(): Promise<string[]> {
  const blocks = [
    await shellBlock('README.md', 'make start   '),
    await shellBlock('README.md', 'make start SPLIT=0'),
  ];
  return blocks
    .flatMap((text) => text.split('\n'))
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line.startsWith('make start') && !line.includes('CORE'));
}

/** `make start` in its own process group, on a home in a directory. */
function makeStart(dir: string, line: string): Process {
  // The build exists: make must not check whether it is current.
  const old = ['build', 'build/agd', 'node_modules/.package-lock.json'];
  const options = [
    ...['-C', root, `HOME_DIR=${join(dir, '.agd')}`],
    ...[...old, 'build/.typescript'].flatMap((file) => ['-o', file]),
  ];
  const args = line.split(' ').slice(1);
  const env = { ...process.env, AGD_LOG_FORMAT: 'json', AGD_LOG_LEVEL: 'info' };
  return new Process('make', [...options, ...args], env);
}

const stops: Readonly<
  Record<string, { how: (pid: number, agd: number) => void; ends: object }>
> = {
  // Ctrl-C reaches the whole group, and make ends by the signal.
  split: {
    how: (pid) => {
      process.kill(-pid, 'SIGINT');
    },
    ends: { code: null, signal: 'SIGINT' },
  },
  'in-process': {
    how: (_pid, agd) => {
      process.kill(agd, 'SIGTERM');
    },
    ends: { code: 0, signal: null },
  },
};

test.serial(
  'the README’s first hour works as pasted, in both modes, and a stop is no error of make',
  async (t) => {
    const lines = await startLines();
    t.is(lines.length, 2);
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      // As agd devnet would make it; install.test.ts runs agd devnet itself.
      await writeFile(join(home, 'devnet.json'), '{"version":1,"core":false}');
      await layOut(dir, '.agd', { home, ports: await nodePorts() });
      let had = 0;
      for (const [index, mode] of (
        ['split', 'in-process'] as const
      ).entries()) {
        const start = makeStart(dir, lines[index] ?? '');
        try {
          const first = await start.line((line) => {
            const entry = logEntry(line);
            return entry?.['message'] === 'first block of this run committed'
              ? entry
              : undefined;
          });
          t.is(first['mode'], mode);
          const next = await start.line((line) => {
            const entry = logEntry(line);
            return entry?.['message'] === 'ready' ? entry['next'] : undefined;
          });
          t.regex(
            String(next),
            /^(AGD_NODE=\S+ )?\S*build\/agd devnet fund bob /,
          );
          await start.line((line) =>
            line.includes('Starting RPC HTTP server') ? true : undefined,
          );
          const out = await runShell(dir, await shellBlock('README.md', demo));
          had += 1000;
          const last = out.trimEnd().split('\n').at(-1) ?? '';
          t.true(
            last.includes(`\\"uist\\":\\"${String(had)}\\"`) ||
              last.includes(`uist: "${String(had)}"`),
            out,
          );
          const { how, ends } = stops[mode]!;
          how(start.pid, Number(first['agd_pid']));
          t.deepEqual(await start.exited, ends);
          t.deepEqual(
            [...start.stdout, ...start.stderr].filter((line) =>
              /\*\*\*|Error \d/.test(line),
            ),
            [],
          );
          t.deepEqual(
            processes().filter((row) => row.session === start.pid),
            [],
          );
        } finally {
          await start.kill();
        }
      }
    });
  },
);

const choices: readonly (readonly [string, RegExp])[] = [
  ['SPLIT=no', / --split=false$/m],
  ['SPLIT=false', / --split=false$/m],
  ['SPLIT=0', / --split=false$/m],
  ['SPLIT=yes', / --split=true$/m],
  ['SPLIT=true', / --split=true$/m],
  ['SPLIT=1', / --split=true$/m],
  ['CORE=no', /--home '\.agd' --split=true$/m],
  ['CORE=false', /--home '\.agd' --split=true$/m],
  ['CORE=0', /--home '\.agd' --split=true$/m],
  ['CORE=yes', / --core --home '\.agd-core' --split=true$/m],
  ['CORE=true', / --core --home '\.agd-core' --split=true$/m],
  ['CORE=1', / --core --home '\.agd-core' --split=true$/m],
  ["HOME_DIR=it's here", / --home 'it'\\''s here' --split=true$/m],
  ['CORE=', /CORE="": expected 1, yes or true, or else 0, no or false/],
  ['SPLIT=maybe', /SPLIT="maybe": expected 1, yes or true/],
  ['SPLIT=0 1', /SPLIT="0 1": expected 1, yes or true/],
  ['DEBUG=on', /DEBUG="on": expected 1, yes or true/],
];

test('make start takes yes, no, true, false, 1 and 0 as said, and nothing else', async (t) => {
  for (const [choice, expected] of choices) {
    const make = new Process('make', [
      ...['-C', root, '--dry-run', '-o', 'build', 'start', choice],
    ]);
    const { code } = await make.exited;
    const said = [...make.stdout, ...make.stderr].join('\n');
    t.regex(said, expected, choice);
    const refused = said.includes('expected 1');
    t.is(code, refused ? 2 : 0, choice);
  }
});
