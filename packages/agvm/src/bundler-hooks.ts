import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

import { realName } from './escaped-paths.js';
import { replaceImport, type ImportOf } from './module-hooks.js';

/** The module of the bundler that bundles, which it imports at its first call. */
const bundling: ImportOf = {
  importer: '/@endo/bundle-source/src/bundle-source.js',
  specifier: './zip-base64.js',
};

/** The buffer in which archives are written. */
const buffer: ImportOf = {
  importer: '/@endo/zip/src/writer.js',
  specifier: './buffer-writer.js',
};

/**
 * Makes archives grow in a faster buffer (./growing-buffer.ts), for the rest of
 * the process. Call it before the kernel is loaded.
 */
export function replaceZipBuffer(): void {
  replaceImport(buffer, new URL('./growing-buffer.js', import.meta.url).href);
}

/**
 * Puts a module in the place of the bundler's, for the rest of the process. The
 * kernel's import of a path also works if the path has a character with a
 * meaning in URLs.
 *
 * @param replacement URL of the module
 */
export function replaceBundler(replacement: string): void {
  replaceImport(bundling, replacement);
  registerHooks({
    resolve: (specifier, context, next) => {
      if (!context.conditions.includes('import')) {
        return next(specifier, context); // require() takes paths
      }
      // The kernel imports builders of core proposals by path. Read as a URL, a
      // path with "#", "?" or "%" is another file's.
      if (isAbsolute(specifier) && existsSync(specifier)) {
        return next(pathToFileURL(realName(specifier)).href, context);
      }
      return next(specifier, context);
    },
  });
}
