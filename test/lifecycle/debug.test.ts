import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import test from 'ava';

import { agdBeside, bootedHome, withTempDir } from '../support/homes.js';
import { debug, evaluate, inspectorUrl } from '../support/inspector.js';
import {
  AgdNode,
  modes,
  nodePorts,
  runAgd,
  startArgs,
} from '../support/node.js';
import { Process } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

for (const mode of modes) {
  test.serial(
    `${mode}: Node's inspector debugs the VM while it makes blocks`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const node = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          args: ['--vm-inspect=0'],
          env: {
            NODE_OPTIONS: '--trace-uncaught',
            AGD_VM_NODE_ARGS: `--max-old-space-size=3000 '--title=agd vm'`,
            // A trace that cannot be written does not end the node.
            AGD_BRIDGE_TRACE: '/dev/full',
          },
        });
        try {
          const url = await inspectorUrl(node);
          t.regex(url, /^ws:\/\/127\.0\.0\.1:\d+\//, 'on loopback');
          const { agd, vm } = await node.pids();
          t.is(agd === vm, mode === 'in-process');

          const about = await fetch(
            new URL('/json/version', url.replace('ws:', 'http:')),
          );
          t.regex(
            ((await about.json()) as { Browser: string }).Browser,
            /^node\.js\/v/,
          );
          const seen = await evaluate(
            url,
            '[process.pid, process.title, ...process.execArgv, process.env.NODE_OPTIONS]',
          );
          t.deepEqual(seen, [
            vm,
            'agd vm',
            '--max-old-space-size=3000',
            '--title=agd vm',
            '--inspect=127.0.0.1:0',
            // In split mode the jail prevents it.
            mode === 'in-process' ? '--trace-uncaught' : null,
          ]);

          await node.height(node.committed() + 2);
          await debug(url, [
            { method: 'Debugger.enable' },
            { method: 'Debugger.pause', event: 'Debugger.paused' },
            { method: 'Debugger.resume', event: 'Debugger.resumed' },
          ]);
          await node.height(node.committed() + 2);
          t.deepEqual(await node.stop(), { code: 98, signal: null });
        } finally {
          await node.kill();
        }
      });
    },
  );
}

for (const mode of modes) {
  test.serial(
    `${mode}: a profile of the VM is in --cpu-prof-dir`,
    async (t) => {
      await withTempDir(async (dir) => {
        const profiles = join(dir, 'profiles');
        const node = new AgdNode({
          home: await bootedHome(dir),
          mode,
          ports: await nodePorts(),
          args: [`--vm-node-args=--cpu-prof --cpu-prof-dir=${profiles}`],
        });
        try {
          await node.height(1);
          const { vm } = await node.pids();
          t.deepEqual(await node.stop(), { code: 98, signal: null });
          const found = await readdir(profiles);
          t.true(
            found.some((name) => name.split('.').includes(String(vm))),
            found.join(),
          );
        } finally {
          await node.kill();
        }
      });
    },
  );
}

/** A VM that records the options that node received, and exits. */
const tellsOptions = `#!/usr/bin/env node
require('node:fs').writeFileSync(process.env.OPTIONS_FILE, JSON.stringify(process.execArgv));
`;

interface Given {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly file?: Readonly<Record<string, string>>;
}

const given: readonly (readonly [string, Given, readonly string[]])[] = [
  ['nothing', {}, []],
  [
    'a flag overrides the environment',
    { flags: ['--vm-inspect=0'], env: { AGD_VM_INSPECT: '[::1]:0' } },
    ['--inspect=127.0.0.1:0'],
  ],
  [
    'the environment overrides app.toml',
    {
      env: { AGD_VM_INSPECT: 'localhost:0' },
      file: { 'vm-inspect': '127.0.0.1:0' },
    },
    ['--inspect=localhost:0'],
  ],
  [
    'app.toml',
    { file: { 'vm-inspect': '0', 'vm-node-args': ' --title=x' } },
    ['--title=x', '--inspect=127.0.0.1:0'],
  ],
  [
    'an empty flag switches the inspector off',
    { flags: ['--vm-inspect='], env: { AGD_VM_INSPECT: '0' } },
    [],
  ],
  [
    'words in quotes are one',
    { flags: [`--vm-node-args=--title='a b'  "--require=node:fs"`] },
    ['--title=a b', '--require=node:fs'],
  ],
];

test.serial(
  'options of node come from flag, environment, app.toml',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const told = join(dir, 'options');
      const unset = { 'vm-inspect': '', 'vm-node-args': '' };
      let previous: Given['file'];
      const file = await agdBeside(join(dir, 'bin'), {
        agvm: tellsOptions,
      });
      for (const [title, { flags = [], env, file: keys }, wanted] of given) {
        for (const [key, value] of Object.entries({ ...unset, ...keys })) {
          if (keys || previous) {
            await runAgd(home, ['config', 'set', 'app', key, value]);
          }
        }
        previous = keys;
        for (const mode of modes) {
          const args = startArgs({ home, mode, ports: await nodePorts() });
          const run = new Process(file, [...args, ...flags], {
            ...process.env,
            ...env,
            OPTIONS_FILE: told,
          });
          await run.exited;
          t.deepEqual(
            JSON.parse(await readFile(told, 'utf8')),
            wanted,
            `${mode}: ${title}: ${run.stderr.join('\n')}`,
          );
          await rm(told);
        }
      }
    });
  },
);

for (const mode of modes) {
  test.serial(
    `${mode}: options that node does not accept are refused before it starts`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const server = createServer();
        await new Promise<void>((resolve) =>
          server.listen(0, '127.0.0.1', resolve),
        );
        const taken = String((server.address() as AddressInfo).port);
        const refusals: readonly (readonly [string, RegExp])[] = [
          [
            `--vm-inspect=${taken}`,
            new RegExp(
              `--vm-inspect: listen tcp 127.0.0.1:${taken}: .*address already in use .*choose another port`,
            ),
          ],
          ['--vm-inspect=80', /--vm-inspect: expected \[HOST:\]PORT.* "80"/],
          ['--vm-inspect=me', /--vm-inspect: expected \[HOST:\]PORT.* "me"/],
          ['--vm-inspect=:9229', /--vm-inspect: expected .*127\.0\.0\.1:9229/],
          [
            '--vm-node-args=--no-such-option',
            /--vm-node-args: node: bad option: --no-such-option/,
          ],
          [
            '--vm-node-args=other.js',
            /--vm-node-args: expected long options of node.*"other\.js"/,
          ],
          [
            '--vm-node-args=--eval=1',
            /--vm-node-args: node does not run the VM with --eval/,
          ],
          [`--vm-node-args='`, /--vm-node-args: ': expected words of a shell/],
        ];
        try {
          for (const [option, expected] of refusals) {
            const args = startArgs({ home, mode, ports: await nodePorts() });
            await expectRefusal(t, [...args, option], expected);
          }
        } finally {
          server.close();
        }
      });
    },
  );
}

test.serial(
  'a VM that is not a Node program gets no options of Node',
  async (t) => {
    await withTempDir(async (dir) => {
      const home = await bootedHome(dir);
      const vm = join(dir, 'vm');
      await writeFile(vm, '#!/bin/sh\n', { mode: 0o755 });
      const args = startArgs({ home, mode: 'split', ports: await nodePorts() });
      for (const option of ['--vm-inspect=0', '--vm-node-args=--cpu-prof']) {
        await expectRefusal(
          t,
          [...args, `--split-vm=${vm}`, option],
          /VM: .*\/vm is not a script that node runs, so it cannot have node's option --(inspect|cpu-prof)/,
        );
      }
    });
  },
);
