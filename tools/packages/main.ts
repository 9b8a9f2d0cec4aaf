/**
 * `make packages`: the npm packages, with prebuilt addons for every machine, in
 * a directory. Without PYTHON, which has ziglang, for this machine only.
 */
import { join, resolve } from 'node:path';
import process from 'node:process';

import { hostPrebuilds, packAll } from './pack.js';
import { buildPrebuilds } from './prebuilds.js';

const [directory, python] = process.argv.slice(2).map((path) => resolve(path));
if (directory === undefined) {
  console.error('usage: main.ts DIRECTORY [PYTHON]');
  process.exit(64);
}
const nodeDirectory =
  process.env['npm_config_nodedir'] ?? join(process.execPath, '..', '..');
const prebuilds =
  python === undefined
    ? hostPrebuilds()
    : await buildPrebuilds(
        python,
        join(directory, '.prebuilds'),
        nodeDirectory,
      );
for (const tarball of await packAll(directory, prebuilds)) {
  console.log(tarball);
}
