import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { defaultLimits } from '@agd-bridge/bridge';
import test from 'ava';

import {
  agdBeside,
  bootedHome,
  freshHome,
  withTempDir,
} from '../support/homes.js';
import { modes, nodePorts, runAgd, startArgs } from '../support/node.js';
import { Process } from '../support/process.js';
import { expectRefusal } from '../support/refusal.js';

/**
 * A VM that answers the handshake with this text, and waits until it is ended.
 */
const vmThatSays = (answer: string) => `
const fs = require('node:fs');
fs.createReadStream('', { fd: 4 }).once('data', () => {
  fs.writeSync(5, ${JSON.stringify(`${answer}\n`)});
}).on('end', () => process.exit(0));
`;

test.serial('a VM of another version is refused', async (t) => {
  await withTempDir(async (dir) => {
    const home = await bootedHome(dir);
    for (const [answer, expected] of [
      [
        '{"id":1,"result":{"protocol":2,"software":"agvm 9","capabilities":[]},"error":null}',
        /^agd: bridge protocol mismatch: agd .* speaks version 1, agvm 9 speaks version 2; install both from the same release/,
      ],
      [
        '{"id":1,"result":null,"error":"bridge protocol mismatch: says the VM"}',
        /^agd: the VM refused the handshake: bridge protocol mismatch: says the VM/,
      ],
      [
        'Hello!',
        /^agd: no handshake from the VM: bridge closed: from agvm: byte 0: expected "\{"/,
      ],
    ] as const) {
      const vm = join(dir, 'vm.js');
      await writeFile(vm, vmThatSays(answer));
      const ports = await nodePorts();
      const args = startArgs({ home, mode: 'split', ports });
      await expectRefusal(t, [...args, `--split-vm=${vm}`], expected);
    }
  });
});

for (const mode of modes) {
  test.serial(`${mode}: limits of the bridge are checked`, async (t) => {
    await withTempDir(async (dir) => {
      const home = await freshHome(dir);
      const args = startArgs({ home, mode, ports: await nodePorts() });
      await expectRefusal(
        t,
        [...args, '--bridge.max-frame-bytes=100'],
        /bridge\.max-frame-bytes must be an integer of at least 67108864: 100$/,
      );
      await expectRefusal(
        t,
        args,
        /bridge\.max-nesting must be an integer of at least 512: 0$/,
        { env: { AGD_BRIDGE_MAX_NESTING: '0' } },
      );
      await runAgd(home, [
        'config',
        'set',
        'app',
        'bridge.max-queued-bytes',
        '7',
      ]);
      const file = await readFile(join(home, 'config', 'app.toml'), 'utf8');
      t.regex(file, /^max-queued-bytes = 7$/m);
      await expectRefusal(
        t,
        args,
        /bridge\.max-queued-bytes must be an integer of at least 67108864: 7$/,
      );
    });
  });

  test.serial(
    `${mode}: the VM receives the limits that agd applies`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await freshHome(dir);
        const tellsLimits = '#!/bin/sh\necho "limits $AGVM_LIMITS" >&2\n';
        const file = await agdBeside(join(dir, 'bin'), {
          agvm: tellsLimits,
        });
        const args = startArgs({ home, mode, ports: await nodePorts() });
        const env = { ...process.env, AGD_BRIDGE_MAX_PENDING_CALLS: '100' };
        const run = new Process(
          file,
          [...args, '--bridge.max-frame-bytes=70000000'],
          env,
        );
        await run.exited;
        // In split mode agd repeats the VM's last lines.
        const [, told] = /^(?:agvm: )?limits (.*)/m.exec(
          run.stderr.join('\n'),
        )!;
        t.deepEqual(JSON.parse(told!), {
          ...defaultLimits,
          maxFrameBytes: 70_000_000,
          maxPendingCalls: 100,
        });
      });
    },
  );
}
