import type { AgdNode } from './node.js';

/** The data published at a path, once they match. */
export async function published(
  node: AgdNode,
  path: string,
  wanted: RegExp,
): Promise<string> {
  for (let blocks = 0; blocks < 200; blocks += 1) {
    const data = await node.vstorage(path);
    if (wanted.test(data)) return data;
    await node.height(node.committed() + 1);
  }
  throw new Error(`${path}: no ${String(wanted)} in 200 blocks`);
}
