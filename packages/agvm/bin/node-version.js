// @ts-check
/**
 * Which versions of Node.js run agvm and the programs beside it: `engines` of
 * the package.json that make and npm read too, the one place that says so.
 *
 * An entry point imports this file alone, and the rest once the version fits,
 * so the syntax and the modules here are those of old versions.
 */
import { readFileSync } from 'fs';

/** `^20.11.0` of a range: this minor version of one major version, and later. */
const PART = /^\^(\d+)\.(\d+)\.\d+$/;

/**
 * The versions of a range such as `^20.11.0 || ^22.11.0`.
 *
 * @param {string} range
 * @returns {{ major: number, minor: number }[]}
 * @throws {Error} the range has another form
 */
export function versionsOf(range) {
  return range.split(/\s*\|\|\s*/).map((part) => {
    const found = PART.exec(part);
    if (!found)
      throw new Error(`engines: expected ^A.B.C || …, got "${range}"`);
    return { major: Number(found[1]), minor: Number(found[2]) };
  });
}

/**
 * A range as the documentation names it: `Node.js 20 (at least 20.11)`.
 *
 * @param {string} range
 */
export function inWords(range) {
  const each = versionsOf(range).map(
    ({ major, minor }) => `${major} (at least ${major}.${minor})`,
  );
  const last = each.pop() || '';
  const others = each.length === 0 ? '' : `${each.join(', ')} or `;
  return `Node.js ${others}${last}`;
}

/**
 * Why a version of Node.js is not supported; undefined: it is.
 *
 * @param {string} version such as `v20.11.0`
 * @param {string} program path of this node
 * @param {string} range
 * @returns {string | undefined}
 */
export function refusalOf(version, program, range) {
  const [major, minor] = version.slice(1).split('.').map(Number);
  const fits = versionsOf(range).some(
    (each) =>
      each.major === major && minor !== undefined && minor >= each.minor,
  );
  return fits
    ? undefined
    : `cannot run on Node.js ${version} ("${program}"): needs ${inWords(range)}: put that version first in PATH`;
}

/**
 * The range that this package, checkout or installation needs; undefined if it
 * has no package.json that says so.
 *
 * @returns {string | undefined}
 */
export function supported() {
  const [own, root] = ['..', '../../..'].map((dir) => {
    const file = new URL(`${dir}/package.json`, import.meta.url);
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      return {};
    }
  });
  // In another project's node_modules the root is the project's.
  const { engines = root.name === 'agd-bridge' ? root.engines : {} } = own;
  return engines && engines.node;
}

/**
 * Ends this process with one line and exit code 1 if its version of Node.js is
 * not supported.
 *
 * @param {string} name the program that says so
 */
export function requireNode(name) {
  const range = supported();
  if (range === undefined) return;
  const refusal = refusalOf(process.version, process.execPath, range);
  if (refusal === undefined) return;
  process.stderr.write(`${name}: ${refusal}\n`);
  process.exit(1);
}
