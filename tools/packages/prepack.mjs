/**
 * Runs before `npm pack` in a package's directory: copies what the package
 * needs from elsewhere in the repository. `.gitignore` has the copies.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

if (process.env['npm_command'] === 'publish') {
  console.error(
    'prepack: a package of the checkout has no prebuilt addons: publish the tarballs of `make packages`',
  );
  process.exit(1);
}
const root = join(import.meta.dirname, '..', '..');
if (!existsSync('dist/index.js')) {
  console.error('prepack: no dist/index.js: run `make build` first');
  process.exit(1);
}
copyFileSync(join(root, 'LICENSE'), 'LICENSE');
if (process.env['npm_package_name'] === '@agd-bridge/create') {
  mkdirSync('template', { recursive: true });
  for (const file of [
    'main.go',
    'main.mjs',
    'go.mod',
    'go.sum',
    'package.json',
  ]) {
    copyFileSync(join(root, 'examples/hello', file), join('template', file));
  }
}
if (process.env['npm_package_name'] === '@agd-bridge/bridge-inproc') {
  mkdirSync('include', { recursive: true });
  copyFileSync(
    join(root, 'go/bridge/inproc/agdbridge.h'),
    'include/agdbridge.h',
  );
}
