import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { AgdNode } from './node.js';
import { root } from './paths.js';

/** A bundle of 2 MB, 0.6 MB compressed, and what it says of its content. */
export async function largeBundle(): Promise<{ bundle: string; hash: string }> {
  const kept = 'packages/agvm/kernel-bundles/core-config/0-boot-chain.json';
  const { bundle } = JSON.parse(await readFile(join(root, kept), 'utf8')) as {
    bundle: { endoZipBase64Sha512: string };
  };
  return { bundle: JSON.stringify(bundle), hash: bundle.endoZipBase64Sha512 };
}

/** What the kernel publishes of a bundle that it was given. */
export interface Installation {
  readonly endoZipBase64Sha512: string;
  readonly installed: boolean;
  /** Null, or the reason, as the kernel marshals it. */
  readonly error: unknown;
}

/** Resolves when the kernel has published an installation with this hash. */
export async function installed(
  node: AgdNode,
  hash: string,
): Promise<Installation> {
  for (;;) {
    const found = published(await node.vstorage('bundles')).find(
      ({ endoZipBase64Sha512 }) => endoZipBase64Sha512 === hash,
    );
    if (found) return found;
    await node.height(node.committed() + 1);
  }
}

/** The installations of a block, from a stream cell of marshalled data. */
function published(cell: string): readonly Installation[] {
  if (cell === '') return [];
  const { values } = JSON.parse(cell) as { values: readonly string[] };
  return values.map((value) => {
    const { body } = JSON.parse(value) as { body: string };
    return JSON.parse(body.slice(1)) as Installation; // without its #
  });
}
