/**
 * `make set-version NEW=VERSION`: gives the checkout in the working directory a
 * version: all manifests, what they need of each other, and the changelog.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const OWN = '@agd-bridge/';

/** A manifest, or the lock file. */
interface Manifest {
  version: string;
  dependencies?: Record<string, string>;
  /** Of the lock file, by place. */
  packages?: Record<string, Manifest>;
}

function setVersion(manifest: Manifest, version: string): void {
  manifest.version = version;
  const { dependencies = {} } = manifest;
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith(OWN)) dependencies[name] = version;
  }
}

function edit(file: string, change: (manifest: Manifest) => void): void {
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

const [version = ''] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
  console.error(
    `cannot set the version "${version}": expected a semantic version: make set-version NEW=0.2.0`,
  );
  process.exit(1);
}
const manifests = ['package.json', '{packages,examples}/*/package.json'];
for (const file of globSync(manifests)) {
  edit(file, (manifest) => {
    setVersion(manifest, version);
  });
}
edit('package-lock.json', (lock) => {
  lock.version = version;
  for (const [place, manifest] of Object.entries(lock.packages ?? {})) {
    if (/^$|^(packages|examples)\/[^/]+$/.test(place)) {
      setVersion(manifest, version);
    }
  }
});
const [today] = new Date().toISOString().split('T');
const changelog = readFileSync('CHANGELOG.md', 'utf8');
writeFileSync(
  'CHANGELOG.md',
  changelog.replace(
    '## [Unreleased]\n',
    `## [Unreleased]\n\n## [${version}] - ${String(today)}\n`,
  ),
);
