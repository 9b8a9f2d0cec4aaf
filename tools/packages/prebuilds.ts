import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { addons, root, type Prebuild, type Published } from './pack.js';

const run = promisify(execFile);

/**
 * The machines with prebuilds, by zig's names. glibc 2.28 is that of the oldest
 * system that Node.js 22 supports.
 */
const targets = [
  { zig: 'x86_64-linux-gnu.2.28', arch: 'x64', libc: 'glibc' },
  { zig: 'x86_64-linux-musl', arch: 'x64', libc: 'musl' },
  { zig: 'aarch64-linux-gnu.2.28', arch: 'arm64', libc: 'glibc' },
  { zig: 'aarch64-linux-musl', arch: 'arm64', libc: 'musl' },
] as const;

/**
 * Compiles the addons for every machine, with zig as a cross compiler.
 *
 * @param python of the virtual environment that has the package ziglang
 * @param into directory for the binaries
 * @param headers the directory of Node.js that has `include/node`
 */
export async function buildPrebuilds(
  python: string,
  into: string,
  headers: string,
): Promise<Prebuild[]> {
  const include = join(headers, 'include', 'node');
  if (!existsSync(join(include, 'node_api.h'))) {
    throw new Error(
      `no Node.js headers in ${include}: set npm_config_nodedir to a Node.js that has them`,
    );
  }
  await mkdir(into, { recursive: true });
  const prebuilds: Prebuild[] = [];
  for (const [name, addon] of Object.entries(addons)) {
    const source = join(root, 'packages', name);
    const files = (await readdir(join(source, 'src')))
      .filter((file) => file.endsWith('.cc'))
      .map((file) => join('src', file));
    for (const { zig, arch, libc } of targets) {
      const file = join(into, `${addon}-${arch}-${libc}.node`);
      await run(
        python,
        [
          ...['-m', 'ziglang', 'c++', '-target', zig, '-shared', '-fPIC'],
          ...['-std=c++17', '-O2', '-Wall', '-Wextra', '-fvisibility=hidden'],
          ...['-s', '-Wl,-z,nodelete', '-Wno-unused-parameter'],
          // As binding.gyp has them.
          ...['-DNAPI_VERSION=8', '-DNAPI_CPP_EXCEPTIONS', '-fexceptions'],
          ...['-DBUILDING_NODE_EXTENSION', `-DNODE_GYP_MODULE_NAME=${addon}`],
          ...['-isystem', include],
          ...['-isystem', dirname(addonApi())],
          ...['-I', join(root, 'go', 'bridge', 'inproc')],
          ...['-o', file, ...files],
        ],
        // libc++, which zig compiles first, has thousands of warnings.
        { cwd: source, maxBuffer: 64 * 1024 * 1024 },
      );
      prebuilds.push({ package: name as Published, file, arch, libc });
    }
  }
  return prebuilds;
}

function addonApi(): string {
  return join(root, 'node_modules', 'node-addon-api', 'napi.h');
}
