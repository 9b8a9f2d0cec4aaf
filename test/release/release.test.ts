// What `make release` made, as an operator takes it: on a machine with nothing
// but Debian's essential packages. `make test-release` runs this; it needs root,
// mmdebstrap and buildah.
import { execFile } from 'node:child_process';
import {
  access,
  appendFile,
  copyFile,
  mkdir,
  readFile,
  readdir,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

import test, { type ExecutionContext } from 'ava';

import { storage } from '../../tools/release/image.js';
import { root } from '../support/paths.js';
import { Machine, type As } from './machine.js';

const run = promisify(execFile);
const output = join(root, 'build', 'release');
const splits = ['--split=true', '--split=false'] as const;

let machine: Machine;

async function released(pattern: RegExp): Promise<string> {
  const names = await readdir(output).catch(() => []);
  const name = names.find((each) => pattern.test(each));
  if (name === undefined) {
    throw new Error(
      `no ${String(pattern)} in ${output}: run \`make test-release\``,
    );
  }
  return join(output, name);
}

/** Copies a file of the release to the machine. */
async function give(pattern: RegExp): Promise<string> {
  const file = await released(pattern);
  const place = join('/root', basename(file));
  await copyFile(file, join(machine.root, place));
  return place;
}

/** Runs `agd devnet` until its first block, and stops it. */
async function runsDevnet(
  t: ExecutionContext,
  on: Machine,
  command: readonly string[],
  as: As,
): Promise<void> {
  const node = on.start(command, as);
  try {
    await node.line((line) =>
      line.includes('first block of this run committed') ? true : undefined,
    );
    const said = [...node.stdout, ...node.stderr].join('\n');
    t.notRegex(said, /cannot use the kept bundles/);
    node.stop('SIGTERM');
    t.deepEqual(await node.exited, { code: 98, signal: null });
  } finally {
    await node.kill();
  }
}

test.before(async (t) => {
  t.timeout(10 * 60_000);
  machine = await Machine.bare();
});

test.after.always(() => machine.remove());

test.serial('the checksums are those of the files', async (t) => {
  const { stdout } = await run('sha256sum', ['--check', 'SHA256SUMS'], {
    cwd: output,
  });
  t.regex(stdout, /\.tar\.gz: OK\n.*\.deb: OK\n/s);
});

test.serial('the Debian package installs on a bare machine', async (t) => {
  for (const program of ['cc', 'node', 'make', 'python3']) {
    await t.throwsAsync(
      machine.run(['sh', '-c', `command -v ${program}`]),
      undefined,
      program,
    );
  }
  const deb = await give(/\.deb$/);
  await machine.run(['apt-get', 'install', '--yes', deb]);
  const long = await machine.run([
    ...['agd', 'version', '--long', '--output', 'json'],
  ]);
  const { commit, extra_info: extra } = JSON.parse(long) as {
    commit: string;
    extra_info: Record<string, string>;
  };
  const head = await run('git', ['rev-parse', 'HEAD'], { cwd: root });
  t.is(commit.replace(/-dirty$/, ''), head.stdout.trim());
  t.true('git_tags' in extra);
  t.regex(
    extra['node'] ?? '',
    /^24\.\S+ \(\/usr\/lib\/agd-bridge\/node\/bin\/node\)$/,
  );
  t.regex(extra['kernel'] ?? '', /cosmic-swingset@/);
  const home = await stat(join(machine.root, 'var/lib/agd'));
  t.is(home.mode & 0o777, 0o750);
  t.is(
    (await machine.run(['stat', '-c', '%U:%G', '/var/lib/agd'])).trim(),
    'agd:agd',
  );
  const verified = await machine.run(['dpkg', '--verify', 'agd-bridge']);
  t.is(verified, '');
});

for (const split of splits) {
  test.serial(`the packaged agd devnet ${split} makes blocks`, async (t) => {
    await runsDevnet(t, machine, ['agd', 'devnet', split], { user: 'agd' });
  });

  test.serial(`the unpacked agd devnet ${split} makes blocks`, async (t) => {
    const tarball = await give(/-linux-\w+\.tar\.gz$/);
    await machine.run(['tar', '-xzf', tarball, '-C', '/opt']);
    const [name = ''] = await readdir(join(machine.root, 'opt'));
    const named = machine.run(['grep', '-rlF', `${root}/`, join('/opt', name)]);
    await t.throwsAsync(named, { code: 1 }, 'no file has the build’s paths');
    const agd = join('/opt', name, 'bin', 'agd');
    const home = '/var/lib/agd/unpacked';
    await runsDevnet(t, machine, [agd, 'devnet', split, '--home', home], {
      user: 'agd',
    });
  });
}

test.serial('agvm runs on the Node.js of its installation', async (t) => {
  t.regex(await machine.run(['agvm', '--help']), /AGVM_/);
});

/** Replaces systemd, which a bare machine lacks, by a log of what is asked of it. */
async function withSystemctl(): Promise<() => Promise<string[]>> {
  const log = join(machine.root, 'root', 'systemctl.log');
  await mkdir(join(machine.root, 'run/systemd/system'), { recursive: true });
  await writeFile(
    join(machine.root, 'usr/bin/systemctl'),
    '#!/bin/sh\necho "$@" >>/root/systemctl.log\n',
    { mode: 0o755 },
  );
  return async () => {
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    await rm(log);
    return lines.filter((line) => line !== 'daemon-reload');
  };
}

test.serial(
  'an upgrade keeps options and starts a running node again; a purge keeps the data',
  async (t) => {
    const asked = await withSystemctl();
    const options = join(machine.root, 'etc/default/agd');
    await appendFile(options, 'AGD_LOG_LEVEL=debug\n');
    const deb = await give(/\.deb$/);
    await machine.run(['dpkg', '--install', deb]);
    t.regex(await readFile(options, 'utf8'), /^AGD_LOG_LEVEL=debug$/m);
    const active = '--quiet is-active agd.service';
    t.deepEqual(await asked(), [
      ...[active, 'stop agd.service', 'start agd.service'],
    ]);

    const kept = join(machine.root, 'var/lib/agd/kept');
    await writeFile(kept, '');
    const said = await machine.run(['dpkg', '--purge', 'agd-bridge']);
    t.regex(said, /kept \/var\/lib\/agd/);
    t.deepEqual(await asked(), [
      ...[active, 'stop agd.service', '--quiet disable agd.service'],
    ]);
    await t.notThrowsAsync(access(kept));
    for (const gone of [
      'usr/lib/agd-bridge',
      'usr/bin/agd',
      'etc/default/agd',
    ]) {
      await t.throwsAsync(access(join(machine.root, gone)), undefined, gone);
    }
  },
);

test.serial('the container image makes blocks in both modes', async (t) => {
  const image = await released(/-image-\w+\.tar$/);
  const buildah = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('buildah', [...storage, ...args]);
    return stdout.trim();
  };
  const container = await buildah('from', '--quiet', `oci-archive:${image}`);
  try {
    const config = await buildah('inspect', container);
    t.regex(config, /"User": "agd"/);
    t.regex(config, /"\/usr\/bin\/agd"/);
    const image = new Machine(await buildah('mount', container));
    await image.nameLocalhost();
    for (const split of splits) {
      await runsDevnet(t, image, ['/usr/bin/agd', 'devnet', split], {
        user: 'agd',
      });
    }
  } finally {
    await buildah('rm', container);
  }
});
