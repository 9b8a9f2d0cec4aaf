import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The genesis value for a `--bootstrap-vat-config`: a file's absolute path, or
 * the module's name unchanged. A value that is absolute or starts with a dot is
 * a file.
 *
 * @throws Error with one line if there is no such file or module, or it is not
 * a kernel configuration
 */
export async function checkedVatConfig(spec: string): Promise<string> {
  const isFile = isAbsolute(spec) || /^\.\.?\//.test(spec);
  const name = isFile ? resolve(spec) : spec;
  let text: string;
  try {
    const file = isFile ? name : fileURLToPath(import.meta.resolve(spec));
    text = await readFile(file, 'utf8');
  } catch {
    throw new Error(
      `--bootstrap-vat-config: there is no ${isFile ? `file ${JSON.stringify(name)}` : `module ${JSON.stringify(name)}: a file starts with ./ or /`}`,
    );
  }
  const config = objectIn(text);
  if (typeof config?.['vats'] !== 'object' || config['vats'] === null) {
    throw new Error(
      `--bootstrap-vat-config: ${JSON.stringify(name)} is not a configuration of a kernel: it has no "vats"`,
    );
  }
  return name;
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
