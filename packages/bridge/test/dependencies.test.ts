// The bridge's libraries, and the example built on them, do not depend on chain
// code.
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';
import ts from 'typescript';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');

const libraries = [
  'bridge',
  'jsonrpc1',
  'bridge-peer',
  'bridge-split',
  'bridge-inproc',
  'bridge-open',
];

/** One row of `npm ls --json`. */
interface Tree {
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

function namesIn({ dependencies = {} }: Tree): string[] {
  return Object.entries(dependencies).flatMap(([name, tree]) => [
    name,
    ...namesIn(tree),
  ]);
}

for (const module of ['go/bridge', 'examples/rules']) {
  test(`${module} builds without Cosmos`, async (t) => {
    const { stdout } = await run('go', ['list', '-deps', './...'], {
      cwd: join(root, module),
    });
    const packages = stdout.trim().split('\n');
    t.true(packages.includes('github.com/agd-bridge/agd-bridge/go/bridge'));
    const chain =
      /cosmossdk\.io|github\.com\/(cosmos|cometbft|tendermint|agoric)/i;
    t.deepEqual(
      packages.filter((name) => chain.test(name)),
      [],
    );
  });
}

test("no direct or indirect dependency of the packages is Agoric's or Endo's", async (t) => {
  const workspaces = [
    ...libraries.map((name) => `@agd-bridge/${name}`),
    '@agd-bridge/example-rules',
  ].flatMap((name) => ['--workspace', name]);
  const { stdout } = await run(
    'npm',
    [
      'ls',
      '--package-lock-only',
      '--all',
      '--omit=dev',
      '--json',
      ...workspaces,
    ],
    { cwd: root },
  );
  const names = namesIn(JSON.parse(stdout) as Tree);
  t.true(names.includes('json-rpc-2.0'));
  t.deepEqual(
    names.filter((name) => /^(@agoric|@endo)\/|^ses$/.test(name)),
    [],
  );
});

for (const name of libraries) {
  test(`${name} imports what its package.json names, and nothing else`, async (t) => {
    const directory = join(root, 'packages', name);
    const { dependencies } = JSON.parse(
      await readFile(join(directory, 'package.json'), 'utf8'),
    ) as { dependencies: Readonly<Record<string, string>> };
    const sources = await readdir(join(directory, 'src'));
    const imported = new Set<string>();
    for (const source of sources.filter((file) => file.endsWith('.ts'))) {
      const text = await readFile(join(directory, 'src', source), 'utf8');
      for (const { fileName } of ts.preProcessFile(text).importedFiles) {
        if (!fileName.startsWith('.') && !isBuiltin(fileName)) {
          imported.add(fileName);
        }
      }
    }
    // For types; for the addon's C++ and addon.cjs.
    const others = ['@types/node', 'node-addon-api', 'node-gyp-build'];
    const declared = Object.keys(dependencies).filter(
      (dependency) => !others.includes(dependency),
    );
    t.deepEqual([...imported].sort(), declared.sort());
  });
}

/** Words in a source, outside comments and strings, that reach the process around it. */
const ambient =
  /\bprocess\.(argv|env|execPath|execArgv|ppid|pid|exit|on|std\w+)\b|from 'node:(process|child_process)'/;

for (const name of [...libraries, 'agvm']) {
  test(`${name} touches argv, environment, signals and child processes in its entry points at most`, async (t) => {
    const directory = join(root, 'packages', name, 'src');
    const sources = await readdir(directory, { recursive: true });
    const touching: string[] = [];
    for (const source of sources.filter((file) => file.endsWith('.ts'))) {
      // Types and comments are gone after compilation.
      const { outputText } = ts.transpileModule(
        await readFile(join(directory, source), 'utf8'),
        {
          compilerOptions: {
            module: ts.ModuleKind.ESNext,
            target: ts.ScriptTarget.ESNext,
            removeComments: true,
          },
        },
      );
      if (ambient.test(outputText)) touching.push(source);
    }
    const entries = ['main.ts', 'make-bundles.ts'];
    t.deepEqual(touching.sort(), name === 'agvm' ? entries : []);
  });
}
