import { signedDecision, type Proposal } from './governance.js';
import { freshHome } from './homes.js';
import { AgdNode, nodePorts } from './node.js';
import { agd } from './paths.js';

/**
 * A chain that has decided to upgrade at a future height and was stopped before
 * it. The next node on its home reaches the upgrade.
 */
export interface UpgradingChain {
  readonly home: string;
  readonly height: number;
}

/**
 * Makes one.
 *
 * @param binary the agd that makes its genesis and first blocks
 */
export async function chainBeforeUpgrade(
  dir: string,
  name: string,
  binary: string = agd,
): Promise<UpgradingChain> {
  const height = 50;
  const home = await freshHome(dir, { agd: binary });
  const tx = await signedDecision(home, upgradeAt(name, height), 1, [
    '--offline',
    ...['--account-number', '0', '--sequence', '1'],
  ]);
  const ports = await nodePorts();
  const node = new AgdNode({ home, mode: 'split', ports, binary });
  try {
    await node.tx('broadcast', tx);
    await node.line((line) =>
      line.includes('proposal tallied') ? line : undefined,
    );
    await node.height(node.committed() + 1);
    await node.stop();
    return { home, height };
  } finally {
    await node.kill();
  }
}

/** A proposal to upgrade at a height. */
export function upgradeAt(
  name: string,
  height: number,
  info?: object,
): Proposal {
  return [
    ...['upgrade', 'software-upgrade', name],
    ...['--upgrade-height', String(height), '--title', name, '--summary', name],
    ...['--deposit', '10ubld', '--no-validate'],
    ...(info === undefined ? [] : ['--upgrade-info', JSON.stringify(info)]),
  ];
}
