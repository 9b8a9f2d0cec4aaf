import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** What a new program takes from the template unchanged. */
const COPIED = ['main.go', 'main.mjs', 'go.sum'];

/** npm does not pack a file of this name. */
const IGNORED = 'node_modules/\nbuild/\n';

const BRIDGE = 'github.com/agd-bridge/agd-bridge/go/bridge';

/**
 * Creates a program with a Go half and a Node.js half.
 *
 * @param directory new or empty; its name becomes that of the npm package and of
 *   the Go module
 * @param template directory with the files of `examples/hello`
 * @param version of the bridge's packages and of its Go module
 * @returns the program's name
 * @throws {Error} the name is invalid, or the directory is not empty; nothing
 *   was written
 */
export function createProgram(
  directory: string,
  template: string,
  version: string,
): string {
  const name = basename(resolve(directory));
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) {
    throw new Error(
      `cannot create "${directory}": "${name}" cannot name a package: use lower-case letters, digits, "-", "_" and "."`,
    );
  }
  if (
    mkdirSync(directory, { recursive: true }) === undefined &&
    readdirSync(directory).length > 0
  ) {
    throw new Error(
      `cannot create "${directory}": the directory is not empty: choose another one`,
    );
  }
  for (const file of COPIED)
    copyFileSync(join(template, file), join(directory, file));
  writeFileSync(join(directory, '.gitignore'), IGNORED);
  const manifest = JSON.parse(
    readFileSync(join(template, 'package.json'), 'utf8'),
  ) as { type: string; scripts: object; dependencies: object };
  const { type, scripts, dependencies } = manifest;
  const own = {
    name,
    version: '0.0.0',
    private: true,
    type,
    scripts,
    dependencies,
  };
  writeFileSync(
    join(directory, 'package.json'),
    `${JSON.stringify(own, null, 2)}\n`,
  );
  const module = readFileSync(join(template, 'go.mod'), 'utf8')
    .replace(/^module .*$/m, `module ${name}`)
    .replace(`${BRIDGE} v0.0.0`, `${BRIDGE} v${version}`)
    .replace(/\nreplace .*\n/, '');
  writeFileSync(join(directory, 'go.mod'), module);
  return name;
}
