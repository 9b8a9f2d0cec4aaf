import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { installedPackages, root } from '../install/stage.js';
import { run } from './context.js';

const LICENCE_FILE = /^(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|PATENTS)/i;

const OWN_MODULES = 'github.com/agd-bridge/';

interface Part {
  readonly name: string;
  /** SPDX identifier, if its package names one. */
  readonly licence?: string;
  readonly texts: readonly string[];
}

/**
 * The licences of everything of others that a release contains: Go modules of
 * libagd.so, npm packages, Node.js.
 *
 * @throws {Error} a part has none
 */
export function notices(): string {
  const parts = [...goModules(), ...npmPackages()];
  const none = parts.filter(
    ({ licence, texts }) => texts.length === 0 && licence === undefined,
  );
  if (none.length > 0) {
    throw new Error(
      `no licence found of ${none.map(({ name }) => name).join(', ')}`,
    );
  }
  const byText = new Map<string, string[]>();
  for (const { name, texts } of parts) {
    for (const text of texts) {
      byText.set(text, [...(byText.get(text) ?? []), name]);
    }
  }
  const table = parts.map(({ name, licence }) =>
    licence === undefined ? name : `${name} (${licence})`,
  );
  const texts = [...byText].map(
    ([text, names]) => `${RULE}\n${names.join('\n')}\n\n${text}\n`,
  );
  return [HEAD, ...table, '', ...texts].join('\n');
}

const RULE = '-'.repeat(78);

const HEAD = `This distribution of agd-bridge contains the work of others, listed below with
their licences. Node.js and what it contains: node/LICENSE.

The program xsnap-worker contains the XS engine of the Moddable SDK Runtime, which
is under the GNU Lesser General Public License, version 3 or later: the files
LGPL-3.txt and GPL-3.txt beside this one.
Its complete sources, and those of the rest of the program, with which it can be
changed and linked again, are in the file xsnap-sources beside this distribution's
release, and in the npm package @agoric/xsnap of the version below.
`;

interface GoModule {
  readonly Path: string;
  readonly Version?: string;
  readonly Dir: string;
  readonly Main?: boolean;
}

/** The modules that libagd.so is linked of. */
function goModules(): Part[] {
  const format =
    '{{with .Module}}{{if .Version}}{"Path":"{{.Path}}","Version":"{{.Version}}","Dir":"{{.Dir}}"}{{end}}{{end}}';
  const lines = run('go', ['list', '-deps', '-f', format, './cmd/libagd'], {
    cwd: join(root, 'go'),
  });
  const goRoot = run('go', ['env', 'GOROOT']).trim();
  const goVersion = run('go', ['env', 'GOVERSION']).trim();
  const modules = [...new Set(lines.split('\n'))]
    .filter((line) => line !== '' && !line.includes(OWN_MODULES))
    .sort()
    .map((line) => JSON.parse(line) as GoModule);
  return [
    {
      name: `Go, ${goVersion}`,
      licence: 'BSD-3-Clause',
      texts: textsIn(goRoot),
    },
    ...modules.map(({ Path, Version = '', Dir }) => ({
      name: `Go module ${Path} ${Version}`,
      texts: textsIn(Dir),
    })),
  ];
}

function npmPackages(): Part[] {
  const parts = new Map<string, Part>();
  for (const { dir, manifest } of installedPackages()) {
    if (manifest.name.startsWith('@agd-bridge/')) continue;
    const name = `npm package ${manifest.name} ${manifest.version}`;
    const licence = licenceOf(dir);
    parts.set(name, {
      name,
      texts: textsIn(dir),
      ...(licence === undefined ? {} : { licence }),
    });
  }
  return [...parts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function licenceOf(dir: string): string | undefined {
  const { license, licenses } = JSON.parse(
    readFileSync(join(dir, 'package.json'), 'utf8'),
  ) as { license?: string | { type: string }; licenses?: { type: string }[] };
  const [first] = licenses ?? [];
  const found = license ?? first;
  return typeof found === 'object' ? found.type : found;
}

function textsIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map(({ name }) => readFileSync(join(dir, name), 'utf8').trim())
    .sort();
}
