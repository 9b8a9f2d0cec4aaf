import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { WORKER, root, stage } from '../install/stage.js';
import { nodeDirectory, run } from './context.js';
import { notices } from './notices.js';

/** Node.js starts agvm, so its script cannot name a Node.js that is in no PATH. */
const AGVM = `#!/bin/sh
# agvm, on the Node.js of this installation.
self=$(readlink -f "$0")
lib=\${self%/bin/*}/lib/agd-bridge
exec "$lib/node/bin/node" "$lib/agvm" "$@"
`;

/** Debian's copies of licences: releases are made on Debian. */
const COMMON_LICENCES = '/usr/share/common-licenses';

/** Debug information and symbols, which only a compiler and a debugger use. */
const STRIPPED = [
  WORKER,
  'packages/bridge-inproc/build/Release/agdbridge.node',
  'packages/bridge-split/build/Release/agdsplit.node',
];

/**
 * Fills a prefix (`bin` and `lib/agd-bridge`) with a release: an installation
 * with a Node.js of its own and the licences of everything in it.
 *
 * @param prefix an empty directory
 */
export function fillPrefix(prefix: string): void {
  const lib = join(prefix, 'lib', 'agd-bridge');
  mkdirSync(lib, { recursive: true });
  stage(lib);
  checkWorker(join(lib, WORKER));
  for (const file of STRIPPED) {
    run('strip', ['--strip-unneeded', join(lib, file)]);
  }
  const node = nodeDirectory();
  mkdirSync(join(lib, 'node', 'bin'), { recursive: true });
  for (const file of ['bin/node', 'LICENSE']) {
    copyFileSync(join(node, file), join(lib, 'node', file));
  }
  writeFileSync(join(lib, 'THIRD-PARTY-NOTICES.txt'), notices());
  for (const name of ['LGPL-3', 'GPL-3']) {
    copyFileSync(join(COMMON_LICENCES, name), join(lib, `${name}.txt`));
  }
  const bin = join(prefix, 'bin');
  mkdirSync(bin);
  symlinkSync('../lib/agd-bridge/agd', join(bin, 'agd'));
  writeFileSync(join(bin, 'agvm'), AGVM);
  chmodSync(join(bin, 'agvm'), 0o755);
  run('chmod', ['-R', 'u=rwX,go=rX', prefix]);
}

/** A worker that npm compiled without `make` names the directory. */
function checkWorker(file: string): void {
  const text = readFileSync(file, 'latin1');
  if (!/[^.]\/node_modules\/@agoric\/xsnap\//.test(text)) return;
  throw new Error(
    `${WORKER} names the directory in which it was compiled: remove node_modules and run "make build"`,
  );
}

/** The sources of Agoric's worker, whose XS engine is under the LGPL. */
export const workerSources = {
  directory: join(root, 'node_modules', '@agoric', 'xsnap'),
  names: [
    'LICENSE',
    'README.md',
    'package.json',
    'build.env',
    'src',
    'scripts',
    'moddable',
    'xsnap-native',
  ],
  exclude: 'xsnap-native/xsnap/build',
};
