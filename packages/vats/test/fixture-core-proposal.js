import { E } from '@endo/far';

/**
 * A core proposal, as a software upgrade's plan names one: its builder, which
 * agvm runs at the upgrade, and what the kernel's core then runs of it.
 */

export const defaultProposalBuilder = async () => ({
  sourceSpec: './fixture-core-proposal.js',
  getManifestCall: ['getManifest', 'next'],
});

/**
 * @param {unknown} _utils
 * @param {string} name of the upgrade
 */
export const getManifest = (_utils, name) => ({
  manifest: { tellOfUpgrade: { consume: { chainStorage: true } } },
  options: { name },
});

/**
 * Publishes that it ran, at published.upgraded.
 *
 * @param {{ consume: { chainStorage: Promise<any> } }} powers
 * @param {{ options: { name: string } }} config
 */
export const tellOfUpgrade = async ({ consume }, { options }) => {
  const storage = await consume.chainStorage;
  const node = await E(storage).makeChildNode('upgraded');
  await E(node).setValue(options.name);
};
