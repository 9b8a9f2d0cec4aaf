#!/usr/bin/env bash
# @endo/zip 1.1.0 copies the whole archive at each write, so that the time of an
# archive grows with the square of its size.
#
# A ZipWriter's snapshot writes each header field by field into a growing buffer.
# Before each of these writes the buffer is allocated anew and copied, also when
# it has room. Twice as many files need four times as many bytes of memory
# traffic: 200 files of 1,000 bytes, an archive of 219 kB, allocate 1 GB.
# @endo/bundle-source makes its bundles with it.
#
# Needs Node.js 22 or newer and an npm registry. Exit code 0: reproduced.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @endo/zip@1.1.0

cat > count.mjs << 'JS'
import { createRequire } from 'node:module';

// Counts the bytes of the buffers that the package makes.
const Plain = Uint8Array;
let [buffers, bytes] = [0, 0];
globalThis.Uint8Array = class extends Plain {
  constructor(...args) {
    super(...args);
    if (typeof args[0] !== 'number') return;
    buffers += 1;
    bytes += args[0];
  }
};
const { version } = createRequire(import.meta.url)('@endo/zip/package.json');
const { ZipWriter } = await import('@endo/zip/writer.js');
console.log(`@endo/zip ${version}`);
for (const files of [100, 200, 400]) {
  const writer = new ZipWriter({ date: new Date(0) });
  const content = new Plain(1000);
  for (let i = 0; i < files; i += 1) writer.write(`file-${1000 + i}`, content);
  [buffers, bytes] = [0, 0];
  const { length } = writer.snapshot();
  console.log(
    `${files} files: archive of ${length} bytes, ${buffers} buffers, ${Math.round(bytes / 1e6)} MB`,
  );
}
JS
node count.mjs | tee seen.txt

diff seen.txt - << 'SEEN'
@endo/zip 1.1.0
100 files: archive of 109422 bytes, 2410 buffers, 249 MB
200 files: archive of 218822 bytes, 4810 buffers, 994 MB
400 files: archive of 437622 bytes, 9610 buffers, 3976 MB
SEEN
echo 'as described'
