/**
 * Makes the npm packages of the bridge from what `make build` made.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

/** The published packages: directories of `packages`, dependencies first. */
export const published = [
  'bridge',
  'jsonrpc1',
  'bridge-peer',
  'bridge-split',
  'bridge-inproc',
  'bridge-open',
  'create',
  'kernel-store',
] as const;

export type Published = (typeof published)[number];

/** The packages with an addon, and the addon's name. */
export const addons: Readonly<Partial<Record<Published, string>>> = {
  'bridge-split': 'agdsplit',
  'bridge-inproc': 'agdbridge',
};

/** A prebuilt addon: its file, and the machine that it is for. */
export interface Prebuild {
  readonly package: Published;
  readonly file: string;
  readonly arch: string;
  readonly libc: 'glibc' | 'musl';
}

/** The prebuilds of this machine: what `make build` compiled. */
export function hostPrebuilds(): Prebuild[] {
  return Object.entries(addons).map(([name, addon]) => ({
    package: name as Published,
    file: join(root, 'packages', name, 'build', 'Release', `${addon}.node`),
    arch: process.arch,
    libc: hostLibc(),
  }));
}

function hostLibc(): Prebuild['libc'] {
  const { header } = process.report.getReport() as {
    header: { glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

/**
 * Makes the tarballs in a directory.
 *
 * @returns their paths, in the order of {@link published}
 */
export async function packAll(
  directory: string,
  prebuilds: readonly Prebuild[],
): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  return Promise.all(
    published.map((name) =>
      pack(
        name,
        directory,
        prebuilds.filter((prebuild) => prebuild.package === name),
      ),
    ),
  );
}

/** Conditions of exports whose files only the checkout has. */
const OWN_CONDITIONS = ['sanitized'];

/** Removes the checkout's own conditions from a manifest's exports. */
async function withoutConditions(file: string): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as {
    exports: Record<string, string | Record<string, string>>;
  };
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    manifest.exports[entry] = Object.fromEntries(
      Object.entries(target).filter(([name]) => !OWN_CONDITIONS.includes(name)),
    );
  }
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Packs a copy of a package, so that the repository's own build does not see
 * the prebuilds.
 */
async function pack(
  name: Published,
  directory: string,
  prebuilds: readonly Prebuild[],
): Promise<string> {
  const source = join(root, 'packages', name);
  const copy = join(directory, `.${name}`);
  await rm(copy, { recursive: true, force: true });
  await run(process.execPath, [join(root, 'tools/packages/prepack.mjs')], {
    cwd: source,
    env: { ...process.env, npm_package_name: `@agd-bridge/${name}` },
  });
  await cp(source, copy, {
    recursive: true,
    filter: (path) =>
      !['node_modules', 'build', 'prebuilds', 'test'].some((part) =>
        path.startsWith(join(source, part)),
      ),
  });
  await withoutConditions(join(copy, 'package.json'));
  for (const { file, arch, libc } of prebuilds) {
    // The names that node-gyp-build looks for.
    const to = join(copy, 'prebuilds', `linux-${arch}`, `${name}.${libc}.node`);
    await cp(file, to);
  }
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', directory],
    { cwd: copy },
  );
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  if (packed === undefined) throw new Error(`npm packed nothing of ${name}`);
  await rm(copy, { recursive: true });
  return join(directory, packed.filename);
}
