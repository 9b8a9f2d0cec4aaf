// What `agd localnet` refuses or leaves undone. No node starts here.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { withTempDir } from '../support/homes.js';
import { expectRefusal } from '../support/refusal.js';

import { Net } from './net.js';

test.serial('Ctrl-C while homes are made leaves nothing', async (t) => {
  await withTempDir(async (dir) => {
    const home = join(dir, 'net');
    const run = new Net(home);
    try {
      await run.line((line) => line.includes('making a network') || undefined);
      run.signal('SIGINT');
      t.deepEqual(await run.exited, { code: 98, signal: null });
      await t.throwsAsync(stat(home));
    } finally {
      await run.kill();
    }
  });
});

test.serial('bad flags and directories are refused in one line', async (t) => {
  await withTempDir(async (dir) => {
    const full = join(dir, 'full');
    await mkdir(full);
    await writeFile(join(full, 'localnet.json'), '{"version":1}');
    const config = join(dir, 'config.json');
    await writeFile(config, '{"bootstrap":"bootstrap"}');
    const home = ['--home', join(dir, 'net')];
    const refusals: readonly (readonly [string[], RegExp])[] = [
      [['--validators', '0'], /--validators must be 1 to 64, not 0/],
      [
        ['--validators', 'x'],
        /--validators: expected a whole number, got "x".*agd localnet --help/,
      ],
      [['--split=-1'], /--split must not be negative, it is -1/],
      [
        ['--validators', '2', '--split', '3'],
        /at most .* validators, 2, not 3/,
      ],
      [['--bogus'], /unknown flag: --bogus \(see "agd localnet --help"\)/],
      [['twice'], /agd localnet takes no arguments, got "twice"/],
      [['--bootstrap-vat-config='], /--bootstrap-vat-config must not be empty/],
      [
        ['--bootstrap-vat-config', 'nowhere/x.json'],
        /there is no module "nowhere\/x\.json": a file starts with/,
      ],
      [
        ['--bootstrap-vat-config', join(dir, 'none.json')],
        /there is no file .*none\.json/,
      ],
      [['--bootstrap-vat-config', config], /config\.json" .* it has no "vats"/],
      [
        ['--home', dir],
        /it is neither empty nor a network: name another directory with --home/,
      ],
      [['--home', full], /localnet\.json": agd localnet did not write it/],
      [['--home', config], /config\.json": it is not a directory/],
    ];
    for (const [args, expected] of refusals) {
      await expectRefusal(t, ['localnet', ...home, ...args], expected);
    }
    await t.throwsAsync(stat(join(dir, 'net')));
  });
});
