/**
 * Hooks for Node's module loader, in a thread of their own from the call of
 * `register` on.
 */
import { existsSync } from 'node:fs';
import type { InitializeHook, ResolveHook } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The module of the bundler that bundles, which it imports at its first call. */
const importer = '/@endo/bundle-source/src/bundle-source.js';
const bundling = './zip-base64.js';

let replacement = '';

/** @param url URL of the module that takes the place of the bundler's */
export const initialize: InitializeHook<string> = (url) => {
  replacement = url;
};

export const resolve: ResolveHook = async (specifier, context, next) => {
  // The kernel imports builders of core proposals by path. Read as a URL, a
  // path with "#", "?" or "%" is another file's.
  if (isAbsolute(specifier) && existsSync(specifier)) {
    return next(pathToFileURL(specifier).href, context);
  }
  const resolved = await next(specifier, context);
  if (specifier !== bundling || !context.parentURL?.endsWith(importer)) {
    return resolved;
  }
  const url = new URL(replacement);
  url.searchParams.set('real', resolved.url);
  return { ...resolved, url: url.href };
};
