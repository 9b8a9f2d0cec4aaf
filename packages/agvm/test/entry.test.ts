import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { FakeAgd, agvm } from './fixture-agd.js';

const packageDir = fileURLToPath(new URL('..', import.meta.url));
const repository = path.join(packageDir, '..', '..');

const dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'agvm-entry-')));
test.after.always(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs agvm as a user does, without agd's variables in its environment. */
async function run(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  file = agvm,
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { env: { PATH: process.env['PATH'], ...env }, timeout: 20_000 },
      (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, stdout, stderr });
      },
    );
  });
}

const oneLine = /^agvm: [^\n]+\n$/;

test('help and version describe agvm', async (t) => {
  for (const args of [[], ['--help'], ['help']]) {
    const { code, stdout } = await run(args);
    t.is(code, 0);
    t.regex(stdout, /Usage:\n {2}agvm start/);
    t.true(stdout.split('\n').length < 25, 'one screen');
  }
  t.regex((await run(['--version'])).stdout, /^agvm \d+\.\d+\.\d+\n$/);
});

const mistakes: [
  title: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  RegExp,
][] = [
  ['an unknown command', ['status'], {}, /unknown command "status".*use agd/],
  ['one variable of two', [], { AGVM_FROM_AGD: '4' }, /AGVM_TO_AGD must be/],
  [
    'descriptors that are not open',
    ['start'],
    { AGVM_FROM_AGD: '40', AGVM_TO_AGD: '41' },
    /AGVM_FROM_AGD=40 is not an open file descriptor.*agd start --split/,
  ],
  [
    "descriptors that are Node's own",
    ['start'],
    { AGVM_FROM_AGD: '4', AGVM_TO_AGD: '5' },
    /(ends of one pipe|is not a pipe).*agd start --split/,
  ],
  [
    'a library that is not there',
    ['start'],
    { AGVM_LIBAGD: '/nowhere/libagd.so' },
    /libagd\.so|addon/,
  ],
  [
    'a file for the times of downcalls in a directory that is not there',
    ['start'],
    {
      AGVM_LIBAGD: '/nowhere/libagd.so',
      AGVM_DOWNCALL_TIMES: '/nowhere/times',
    },
    /AGVM_DOWNCALL_TIMES: ENOENT.*\/nowhere\/times.*: name a file that agvm may write to/,
  ],
  [
    'no agd',
    ['start'],
    { AGD_BINARY: '/nowhere/agd' },
    /cannot start agd: there is none at "\/nowhere\/agd": run "make build"/,
  ],
];

for (const [title, args, env, message] of mistakes) {
  test(`answers ${title} with one line and exit code 1`, async (t) => {
    const { code, stdout, stderr } = await run(args, env);
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, oneLine);
    t.regex(stderr, message);
  });
}

test('started by a user, becomes the agd beside it, through a symbolic link', async (t) => {
  const build = path.join(dir, 'build');
  mkdirSync(build);
  symlinkSync(agvm, path.join(build, 'agvm'));
  const agd = path.join(build, 'agd');
  writeFileSync(agd, '#!/bin/sh\necho "agd $PPID $*"\n', { mode: 0o755 });
  const addon = path.join(
    repository,
    'packages/bridge-inproc/build/Release/agdbridge.node',
  );
  const { code, stdout, stderr } = await run(
    ['start', '--home', '/h', '--split'],
    {},
    path.join(build, 'agvm'),
  );
  if (existsSync(addon)) {
    // The parent is this process: agd is the same process as agvm, not a child
    // of it.
    t.is(stdout, `agd ${String(process.pid)} start --home /h --split\n`);
    t.is(code, 0);
  } else {
    t.regex(stderr, oneLine);
    t.regex(stderr, /make build/);
    t.is(code, 1);
  }
});

for (const [title, frame, message] of [
  [
    'a block action before the handshake',
    { id: 1, method: 'swingset.BeginBlock', params: [{}] },
    'expected bridge.Handshake first, got "swingset.BeginBlock"',
  ],
  [
    'a block action before the handshake, as a notification',
    { id: null, method: 'swingset.Init', params: [{}] },
    'expected bridge.Handshake first, got "swingset.Init"',
  ],
  [
    'a handshake as a notification',
    { id: null, method: 'bridge.Handshake', params: [{ protocol: 1 }] },
    'expected bridge.Handshake as a request, got a notification',
  ],
] as const) {
  test(`${title} is refused`, async (t) => {
    const agd = new FakeAgd(['start', '--home', dir]);
    agd.send(frame);
    t.deepEqual(await agd.exited, { code: 1, signal: null });
    t.is(agd.output, `agvm: agd is gone: from agd: ${message}\n`);
  });
}

test('another version of the protocol is refused before the kernel is loaded', async (t) => {
  const agd = new FakeAgd(['start', '--home', dir]);
  await t.throwsAsync(agd.handshake(2), {
    message: /fake agd speaks version 2, agvm .* version 1; install both/,
  });
  t.deepEqual(await agd.exited, { code: 1, signal: null });
  t.regex(agd.output, oneLine);
});

test('without an absolute --home the kernel is not started', async (t) => {
  const agd = new FakeAgd(['start', '--home', 'relative']);
  await agd.handshake();
  t.deepEqual(await agd.exited, { code: 1, signal: null });
  t.is(agd.output, 'agvm: agd must pass --home with an absolute path\n');
});

test('exits when agd closes before the handshake', async (t) => {
  const agd = new FakeAgd(['start', '--home', dir]);
  await agd.opened();
  agd.close();
  t.deepEqual(await agd.exited, { code: 1, signal: null });
  t.regex(agd.output, oneLine);
});

test('a signal before the handshake ends agvm, which has written nothing', async (t) => {
  const agd = new FakeAgd(['start', '--home', dir]);
  // Its listeners are installed once it waits for agd; an earlier signal ends
  // it as well.
  agd.child.kill('SIGTERM');
  const { code, signal } = await agd.exited;
  t.true(code === 98 || signal === 'SIGTERM', agd.output);
});

/** Signal handling of a module that is loaded before agvm. */
const defects = {
  'uncaught exception': 'throw new Error("boom")',
  'unhandled rejection': 'Promise.reject(new Error("boom"))',
};

for (const [what, code] of Object.entries(defects)) {
  test(`an ${what} ends it with a line, the stack and exit code 70`, async (t) => {
    const agd = new FakeAgd(['start', '--home', dir], undefined, {
      env: {
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${code} })`)}`,
      },
    });
    await agd.opened();
    agd.child.kill('SIGUSR2');
    t.deepEqual(await agd.exited, { code: 70, signal: null });
    t.regex(agd.output, new RegExp(`^agvm: ${what}: boom\n(.|\n)*\n +at `));
  });
}

test('a missing kernel is reported in one line with the command to run', async (t) => {
  const root = path.join(dir, 'without-kernel');
  const copy = path.join(root, 'packages', 'agvm');
  for (const part of ['bin', 'bundle', 'package.json']) {
    cpSync(path.join(packageDir, part), path.join(copy, part), {
      recursive: true,
    });
  }
  const scope = path.join(root, 'node_modules', '@agd-bridge');
  mkdirSync(scope, { recursive: true });
  for (const name of ['bridge', 'bridge-split', 'bridge-inproc']) {
    symlinkSync(
      path.join(repository, 'packages', name),
      path.join(scope, name),
    );
  }
  const agd = new FakeAgd(['start', '--home', dir], undefined, {
    script: path.join(copy, 'bin', 'agvm'),
  });
  t.deepEqual(await agd.exited, { code: 1, signal: null });
  t.regex(agd.output, oneLine);
  t.true(
    agd.output.includes(`run "npm install" in ${root}/`) &&
      agd.output.includes('@endo/init'),
    agd.output,
  );
});

test('is executable', (t) => {
  t.regex(execFileSync(agvm, ['--version']).toString(), /^agvm /);
});
