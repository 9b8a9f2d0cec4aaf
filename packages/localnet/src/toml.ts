/** A setting of a node's file: `''` is the section of the keys before any. */
export type Setting = readonly [
  section: string,
  key: string,
  value: string | boolean,
];

/**
 * The text of a TOML file with another value for a key that it has: comments
 * and all else stay as they are. Values are on one line each, as agd writes
 * them.
 *
 * @throws Error if there is no such key
 */
export function setToml(text: string, [section, key, value]: Setting): string {
  const lines = text.split('\n');
  let current = '';
  for (const [index, line] of lines.entries()) {
    const head = /^\s*\[+([^[\]]+)\]+\s*$/.exec(line)?.[1];
    if (head !== undefined) current = head.trim();
    if (current !== section) continue;
    if (/^\s*([A-Za-z0-9_-]+)\s*=/.exec(line)?.[1] !== key) continue;
    lines[index] = `${key} = ${JSON.stringify(value)}`;
    return lines.join('\n');
  }
  throw new Error(`no ${key} in [${section}]`);
}
