/**
 * `make release`: a release of what `make build` made, in build/release. Its
 * bytes depend on the sources alone: not on the directory, the user or the day.
 * With the argument `image`, the container image, too.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';

import { arch, emptyDirectory, output, tarball, version } from './context.js';
import { makeDeb } from './deb.js';
import { makeImage } from './image.js';
import { fillPrefix, workerSources } from './prefix.js';

const name = `agd-bridge-${version}-linux-${arch}`;

function makeRelease(withImage: boolean): string[] {
  const parent = emptyDirectory('prefix');
  const prefix = join(parent, name);
  fillPrefix(prefix);
  const archive = join(output, `${name}.tar.gz`);
  tarball(archive, parent, [name]);
  const sources = join(output, `agd-bridge-${version}-xsnap-sources.tar.gz`);
  const { directory, names, exclude } = workerSources;
  tarball(sources, directory, names, '--exclude', exclude);
  const deb = makeDeb(prefix);
  const files = [archive, deb, sources];
  if (withImage) files.push(makeImage(deb));
  return files;
}

const files = makeRelease(process.argv.includes('image'));
const sums = files.map((file) => {
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  return `${hash}  ${basename(file)}\n`;
});
writeFileSync(join(output, 'SHA256SUMS'), sums.join(''));
for (const file of files) {
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}
