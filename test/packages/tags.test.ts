// A release's tags, as docs/releases.md sets them, and the Go module as a
// stranger takes it by them: in an empty project, outside the checkout.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test, { type ExecutionContext } from 'ava';

import { createProgram } from '../../packages/create/src/index.js';
import { root } from '../support/paths.js';

const run = promisify(execFile);
const goModule = 'github.com/agd-bridge/agd-bridge/go/bridge';

let directory: string;
let repository: string;

const author = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.invalid',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.invalid',
};

/** Runs a command in the copy of the repository. */
async function inRepository(
  file: string,
  ...args: readonly string[]
): Promise<string> {
  const env = { ...process.env, ...author };
  const { stdout } = await run(file, args, { cwd: repository, env });
  return stdout;
}

async function refuses(t: ExecutionContext, reason: RegExp): Promise<void> {
  const { stderr } = await t.throwsAsync<Error & { stderr: string }>(
    inRepository('tools/release/tags.sh'),
  );
  t.regex(stderr, reason);
}

test.before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agd-tags-'));
  repository = join(directory, 'repository');
  const copy =
    'mkdir "$1" && git ls-files -z --cached --others --exclude-standard | tar --null --files-from - --create | tar --extract --directory "$1"';
  await run('bash', ['-ec', copy, 'copy', repository], { cwd: root });
  await inRepository('git', 'init', '--quiet');
  await inRepository('git', 'add', '--all');
  await inRepository('git', 'commit', '--quiet', '--message', 'a commit');
});

test.after.always(() => rm(directory, { recursive: true, force: true }));

test.serial(
  'a version is that of all packages, and of the changelog',
  async (t) => {
    const setVersion = (version: string): Promise<string> =>
      inRepository(
        join(root, 'node_modules/.bin/tsx'),
        join(root, 'tools/release/version.ts'),
        version,
      );
    const { message } = await t.throwsAsync<Error>(setVersion('v9'));
    t.regex(
      message,
      /cannot set the version "v9": expected a semantic version/,
    );

    await setVersion('0.9.1');
    await refuses(
      t,
      /^cannot tag 0\.9\.1: the checkout has changes: commit them\n$/,
    );
    const versions = await inRepository(
      ...[
        'git',
        'grep',
        '-ohE',
        '"(version|@agd-bridge/[a-z-]+)": "[0-9][^"]*"',
      ],
      ...['--', 'package.json', 'packages', 'examples'],
    );
    for (const line of versions.trim().split('\n')) t.regex(line, /"0\.9\.1"$/);
    const lock = JSON.parse(
      await readFile(join(repository, 'package-lock.json'), 'utf8'),
    ) as { packages: Record<string, { version: string }> };
    t.is(lock.packages['packages/bridge']?.version, '0.9.1');
    await inRepository(
      'git',
      'commit',
      '--quiet',
      '--all',
      '--message',
      '0.9.1',
    );

    t.regex(
      await inRepository('tools/release/tags.sh'),
      /^tagged: v0\.9\.1 go\/bridge\/v0\.9\.1;/,
    );
    await refuses(t, /^cannot tag 0\.9\.1: the tag v0\.9\.1 exists\n$/);
    const tags = await inRepository('git', 'tag', '--points-at', 'HEAD');
    t.is(tags, 'go/bridge/v0.9.1\nv0.9.1\n');
  },
);

test.serial(
  'Go takes the bridge by its tag, and a new program builds with it',
  async (t) => {
    t.timeout(5 * 60_000);
    const hello = join(directory, 'hello');
    createProgram(hello, join(repository, 'examples/hello'), '0.9.1');
    const go = async (...args: readonly string[]): Promise<string> => {
      const { stdout } = await run('go', args, { cwd: hello, env });
      return stdout;
    };
    // Other modules come from the cache of this machine, if it has them.
    const { stdout: proxies } = await run('go', [
      ...['env', 'GOMODCACHE', 'GOPROXY'],
    ]);
    const [cache = '', proxy = ''] = proxies.split('\n');
    const env = {
      ...process.env,
      GOFLAGS: '-trimpath -buildmode=pie -modcacherw',
      GOWORK: 'off',
      GOMODCACHE: join(directory, 'modules'),
      GOPROXY: `file://${join(cache, 'cache/download')},${proxy}`,
      GOPRIVATE: 'github.com/agd-bridge',
      GOSUMDB: 'off',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${repository}.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/agd-bridge/agd-bridge',
    };
    await go('mod', 'tidy');
    t.is(await go('list', '-m', goModule), `${goModule} v0.9.1\n`);
    t.is(await go('list', '-m', `${goModule}@latest`), `${goModule} v0.9.1\n`);
    await go('build', '-o', 'hello', '.');
    await go('build', '-buildmode=c-shared', '-o', 'libhello.so', '.');
  },
);
