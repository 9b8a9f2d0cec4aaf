import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import test from 'ava';

import { realName } from '../src/escaped-paths.js';
import {
  FORMAT,
  findKept,
  hashOf,
  type Bundle,
  type KeptFile,
  type Manifest,
} from '../src/kept-bundles.js';

const bundle: Bundle = {
  moduleFormat: 'endoZipBase64',
  endoZipBase64: 'UEs=',
  endoZipBase64Sha512: 'abc',
};

/** An installation with a vat, its bundler, and one kept bundle. */
function installation() {
  const base = mkdtempSync(path.join(tmpdir(), 'agvm-kept-'));
  const at = (name: string): string => path.join(base, name);
  const write = (name: string, text: string): string => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
    return hashOf(Buffer.from(text));
  };
  const kept: KeptFile = {
    sources: {
      'node_modules/a/vat.js': write('node_modules/a/vat.js', '1'),
      'node_modules/d/package.json': write('node_modules/d/package.json', '{}'),
    },
    absent: ['node_modules/a/node_modules/b/package.json'],
    bundle,
  };
  const sha256 = write('kept/kernel/0-vat.json', JSON.stringify(kept));
  const manifest: Manifest = {
    format: FORMAT,
    bundler: {
      'node_modules/c/package.json': write('node_modules/c/package.json', '{}'),
    },
    bundles: { 'node_modules/a/vat.js': { file: '0-vat.json', sha256 } },
  };
  write('kept/kernel/manifest.json', JSON.stringify(manifest));
  return {
    base,
    write,
    manifest,
    find: (name = 'node_modules/a/vat.js') =>
      findKept(at(name), at('kept'), base),
  };
}

type Installation = ReturnType<typeof installation>;

const stale: readonly (readonly [
  string,
  (at: Installation) => unknown,
  RegExp,
])[] = [
  [
    'a source has changed',
    (at) => at.write('node_modules/a/vat.js', '2'),
    /^"node_modules\/a\/vat\.js" has changed$/,
  ],
  [
    'a source is gone',
    (at) => {
      rmSync(path.join(at.base, 'node_modules/a/vat.js'));
    },
    /^ENOENT: .*vat\.js'$/,
  ],
  [
    'a package came where the bundler looked for it',
    (at) => at.write('node_modules/a/node_modules/b/package.json', '{}'),
    /^"node_modules\/a\/node_modules\/b\/package\.json" is new$/,
  ],
  [
    'the bundler has changed',
    (at) => at.write('node_modules/c/package.json', '{"version":"2"}'),
    /^"node_modules\/c\/package\.json" has changed$/,
  ],
  [
    'the kept file has changed',
    (at) => at.write('kept/kernel/0-vat.json', '{}'),
    /^".*0-vat\.json" has changed$/,
  ],
  [
    'another version of agvm made it',
    (at) =>
      at.write(
        'kept/kernel/manifest.json',
        JSON.stringify({ ...at.manifest, format: 1 }),
      ),
    /^another version of agvm made them$/,
  ],
  [
    'the manifest is cut off',
    (at) => at.write('kept/kernel/manifest.json', '{'),
    /JSON/,
  ],
  [
    'there are none',
    (at) => {
      rmSync(path.join(at.base, 'kept'), { recursive: true });
    },
    /^there are none in ".*kept"$/,
  ],
];

test('a kept bundle is found by its module', (t) => {
  const at = installation();
  t.teardown(() => {
    rmSync(at.base, { recursive: true });
  });
  t.deepEqual(at.find(), { kind: 'kept', bundle });
  t.deepEqual(at.find('config/vat.js'), { kind: 'unknown' });
});

test('a kept bundle is used without an optional package that it has no module of', (t) => {
  const at = installation();
  t.teardown(() => {
    rmSync(at.base, { recursive: true });
  });
  rmSync(path.join(at.base, 'node_modules/d'), { recursive: true });
  t.is(at.find().kind, 'kept');
  at.write('node_modules/d/package.json', '{"version":"2"}');
  t.is(at.find().kind, 'stale');
});

for (const [title, change, why] of stale) {
  test(`a kept bundle is not used if ${title}`, (t) => {
    const at = installation();
    t.teardown(() => {
      rmSync(at.base, { recursive: true });
    });
    change(at);
    const found = at.find();
    t.is(found.kind, 'stale');
    t.regex(found.kind === 'stale' ? found.why : '', why);
  });
}

test("the kernel's kept bundles are those that it makes itself", async (t) => {
  const fixture = fileURLToPath(
    new URL('fixture-bundles.mjs', import.meta.url),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [fixture], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const set = fileURLToPath(
    new URL('../kernel-bundles/kernel', import.meta.url),
  );
  const { bundles } = JSON.parse(
    readFileSync(path.join(set, 'manifest.json'), 'utf8'),
  ) as Manifest;
  const kept = Object.values(bundles).map(({ file }) => {
    const text = readFileSync(path.join(set, file), 'utf8');
    return hashOf(
      Buffer.from(JSON.stringify((JSON.parse(text) as KeptFile).bundle)),
    );
  });
  const made = JSON.parse(stdout) as string[];
  t.is(made.length, 6);
  // The rest are the launcher's devices.
  t.deepEqual(made.sort(), kept.slice(0, 6).sort());
  t.is(kept.length, 9);
});

test('an escaped path is that of the file, if no file has the escaped one', (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'agvm-paths-'));
  t.teardown(() => {
    rmSync(dir, { recursive: true });
  });
  for (const name of ['a b', 'é#?%', 'c%20d', 'c d']) {
    writeFileSync(path.join(dir, name), '');
  }
  const at = (name: string): string => path.join(dir, name);
  t.is(realName(at('a b')), at('a b'));
  t.is(realName(at('a%20b')), at('a b'));
  t.is(realName(at('%C3%A9%23%3F%25')), at('é#?%'));
  t.is(realName(at('c%20d')), at('c%20d'), 'a file of that name');
  t.is(realName(at('100%')), at('100%'), 'not escaped');
  t.is(realName(at('no%20file')), at('no%20file'));
  t.is(realName('a%20b'), 'a%20b', 'relative');
});
