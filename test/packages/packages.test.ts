// The npm packages and the Go module as a stranger takes them: installed from
// their tarballs in an empty project, outside the checkout.
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';

import { published } from '../../tools/packages/pack.js';
import { root } from '../support/paths.js';
import { Process } from '../support/process.js';
import { makeProject, type Project } from './project.js';

const run = promisify(execFile);
const goModule = 'github.com/agd-bridge/agd-bridge/go/bridge';

let project: Project;

test.before(async (t) => {
  t.timeout(10 * 60_000);
  project = await makeProject();
  await project.copy('go/bridge', 'go-bridge');
});

test.after.always(() => project.remove());

/** go's arguments: the module is a copy of the checkout's. */
const replace = ['mod', 'edit', '-replace', `${goModule}=../go-bridge`];

/** Builds the program and the library of an example's copy. */
async function build(
  directory: string,
  program: string,
  library: string,
): Promise<void> {
  const go = (...args: string[]): Promise<string> =>
    project.run('go', '-C', directory, ...args);
  await go(...replace);
  await go('build', '-o', 'build/', program);
  await go('build', '-buildmode=c-shared', '-o', 'build/lib.so', library);
}

/** Runs hello in its directory. */
async function hello(...args: string[]) {
  const directory = join(project.directory, 'hello');
  return run(join(directory, 'build', 'hello'), args, { cwd: directory });
}

test.serial('hello has at most 40 lines of code', async (t) => {
  let lines = 0;
  for (const file of ['main.go', 'main.mjs']) {
    const text = await readFile(join(root, 'examples/hello', file), 'utf8');
    lines += text
      .split('\n')
      .filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
  }
  t.true(lines <= 40, String(lines));
});

test.serial('hello runs in both modes, with shared memory', async (t) => {
  // As docs/own-program.md makes it.
  const create = project.tarballs[published.indexOf('create')];
  const said = await project.run(
    'npx',
    ...['--yes', '--package', String(create), 'create-agd-bridge', 'hello'],
  );
  t.regex(said, /^created hello; next:$/m);
  await project.run('go', '-C', 'hello', ...replace);
  await project.run('go', '-C', 'hello', 'mod', 'tidy');
  for (const script of ['build', 'start', 'start:one-process']) {
    const out = await project.run(
      'npm',
      ...['run', '--silent', '--prefix', 'hello', script],
    );
    t.is(out, script === 'build' ? '' : '"Hello, Gopher!"\n', script);
  }
  const split = await hello();
  t.is(split.stdout, '"Hello, Gopher!"\n');
  // Without shared memory there is a warning: the last test.
  t.is(split.stderr, '');
  const inProcess = await hello('build/libhello.so');
  t.is(inProcess.stdout, '"Hello, Gopher!"\n');
  t.is(inProcess.stderr, '');
});

test.serial('the example rules runs in both modes', async (t) => {
  await project.copy('examples/rules', 'rules');
  await project.write(
    'rules/tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        ...strict,
        target: 'es2022',
        types: ['node'],
        skipLibCheck: true, // typebox takes minutes
        rootDir: 'src',
        outDir: 'dist',
      },
      include: ['src'],
    }),
  );
  await project.run('node', compiler('7'), '-p', 'rules');
  await build('rules', './cmd/rules', './cmd/librules');
  await project.run('mv', 'rules/build/lib.so', 'rules/build/librules.so');
  for (const mode of [[], ['--split']]) {
    const service = new Process(join(project.directory, 'rules/build/rules'), [
      'serve',
      ...mode,
      '--listen',
      '127.0.0.1:0',
    ]);
    try {
      const url = await service.line(
        (line) => /^rules: listening on (\S+)$/.exec(line)?.[1],
      );
      const response = await fetch(`${url}/orders`, {
        method: 'POST',
        body: '{"customer":"ann","lines":[{"sku":"nut","count":3}]}',
      });
      t.deepEqual(await response.json(), {
        accepted: true,
        discountPercent: 10,
        order: 1,
        total: 54,
      });
      process.kill(service.pid, 'SIGTERM');
      t.deepEqual(await service.exited, { code: 0, signal: null });
      t.deepEqual(service.stderr, []);
    } finally {
      await service.kill();
    }
  }
});

/** The strictest options of a consumer. */
const strict = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};

const entries = [
  ...published.map((name) => `@agd-bridge/${name}`),
  '@agd-bridge/bridge-inproc/process',
];

function compiler(version: string): string {
  return `node_modules/typescript-${version}/bin/tsc`;
}

for (const version of ['5.9', '7']) {
  test.serial(
    `TypeScript ${version} accepts the types, of import and of require`,
    async (t) => {
      const uses = `
      const bridge = open.openBridge({ BRIDGE_LIBRARY: 'x' }, { handlers: { f: ([p]) => p ?? 'null' } });
      export const end: Promise<{ exitCode: number }> = bridge.ended;
      export const answer: string = bridge.callSync('f', []);
      inproc.mirrorSignals(['SIGTERM']);
      // @ts-expect-error: there is no such signal
      inproc.mirrorSignals(['SIGNONE']);
    `;
      const names = entries.map(
        (entry, i) => [`e${String(i)}`, entry] as const,
      );
      const named = `
      import open = require('@agd-bridge/bridge-open');
      import inproc = require('@agd-bridge/bridge-inproc');`;
      await project.write(
        'types/import.mts',
        `${names.map(([name, entry]) => `import * as ${name} from '${entry}'; export { ${name} };`).join('\n')}
       import * as open from '@agd-bridge/bridge-open';
       import * as inproc from '@agd-bridge/bridge-inproc';${uses}`,
      );
      await project.write(
        'types/require.cts',
        `${names.map(([name, entry]) => `import ${name} = require('${entry}'); export { ${name} };`).join('\n')}
       ${named}${uses}`,
      );
      await project.write(
        'types/tsconfig.json',
        JSON.stringify({
          compilerOptions: { ...strict, noEmit: true },
          include: ['*'],
        }),
      );
      await t.notThrowsAsync(
        project.run('node', compiler(version), '-p', 'types'),
      );
    },
  );
}

test.serial('Node.js imports and requires every entry', async (t) => {
  for (const entry of entries) {
    const imported = await project.run(
      'node',
      '--input-type=module',
      '-e',
      `console.log(Object.keys(await import('${entry}')).sort().join())`,
    );
    const required = await project.run(
      'node',
      '-e',
      `console.log(Object.keys(require('${entry}')).sort().join())`,
    );
    t.not(imported, '\n', entry);
    t.is(required, imported, entry);
  }
});

test.serial('publint and attw find no fault in the tarballs', async (t) => {
  const bin = join(root, 'node_modules/.bin');
  for (const tarball of project.tarballs) {
    const publint = run(join(bin, 'publint'), ['--strict', tarball]);
    // The packages are ES modules, which require loads in every Node.js that
    // they support.
    const attw = run(join(bin, 'attw'), [
      ...['--no-emoji', '--ignore-rules', 'cjs-resolves-to-esm'],
      ...['--profile', 'node16', '--', tarball],
    ]);
    await t.notThrowsAsync(Promise.all([publint, attw]), tarball);
  }
});

/** The files that a manifest's exports name, under any condition. */
function targetsOf(exports: unknown): string[] {
  return typeof exports === 'string'
    ? [exports.replace(/^\.\//, '')]
    : Object.values(exports as object).flatMap(targetsOf);
}

test.serial(
  'a package is complete: README, license, what its manifest exports, maps with sources',
  async (t) => {
    for (const tarball of project.tarballs) {
      const { stdout } = await run('tar', ['tf', tarball]);
      const files = new Set(stdout.trim().split('\n'));
      for (const file of ['README.md', 'LICENSE', 'dist/index.d.ts']) {
        t.true(files.has(`package/${file}`), `${tarball}: ${file}`);
      }
      const { stdout: text } = await run('tar', [
        ...['xfO', tarball, 'package/package.json'],
      ]);
      const { exports } = JSON.parse(text) as { exports: object };
      for (const target of targetsOf(exports)) {
        t.true(files.has(`package/${target}`), `${tarball}: ${target}`);
      }
      for (const file of files) {
        t.notRegex(file, /tsbuildinfo|\/test\/|\/build\//);
        const [, name] = /^package\/dist\/(.*)\.js\.map$/.exec(file) ?? [];
        if (name !== undefined) {
          t.true(files.has(`package/src/${name}.ts`), `${tarball}: ${file}`);
        }
      }
    }
  },
);

test.serial(
  'without a prebuild: pipes with a warning, an error in-process, and npm rebuild compiles both',
  async (t) => {
    t.timeout(10 * 60_000);
    const packages = ['bridge-split', 'bridge-inproc'];
    for (const name of packages) {
      const installed = join(
        project.directory,
        'node_modules/@agd-bridge',
        name,
      );
      await rm(join(installed, 'prebuilds'), { recursive: true });
    }
    const split = await hello();
    t.is(split.stdout, '"Hello, Gopher!"\n');
    t.regex(
      split.stderr,
      /\[BRIDGE_PIPES_ONLY\] Warning: shared memory is not used, so calls take longer: cannot load the addon of @agd-bridge\/bridge-split: .*npm rebuild/,
    );
    const inProcess = await t.throwsAsync(hello('build/libhello.so'));
    t.regex(
      inProcess.message,
      /cannot load the addon of @agd-bridge\/bridge-inproc: .*: build it with "npm rebuild @agd-bridge\/bridge-inproc"/,
    );

    await project.run(
      'npm',
      'rebuild',
      '--foreground-scripts',
      ...packages.map((name) => `@agd-bridge/${name}`),
    );
    t.is((await hello()).stderr, '');
    t.is((await hello('build/libhello.so')).stdout, '"Hello, Gopher!"\n');
  },
);
