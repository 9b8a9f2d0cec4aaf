// @ts-check
/**
 * A core proposal that starts the economic committee and its charter, by the
 * behaviors of `@agoric/inter-protocol`. The contracts that Agoric's core has
 * governed wait for both: the provision pool, and with it the wallet factory.
 */
import { ECON_COMMITTEE_MANIFEST } from '@agoric/inter-protocol/src/proposals/startEconCommittee.js';

export { startEconCharter } from '@agoric/inter-protocol/src/proposals/committee-proposal.js';
export { startEconomicCommittee } from '@agoric/inter-protocol/src/proposals/startEconCommittee.js';

/**
 * What each behavior may use, and what is installed for them.
 *
 * @param {{ restoreRef: (ref: unknown) => Promise<unknown> }} powers
 * @param {{ bundles: Record<string, unknown> }} options references by the name
 *   of the installation
 */
export const getManifestForEconomicCommittee = (
  { restoreRef },
  { bundles },
) => ({
  manifest: {
    ...ECON_COMMITTEE_MANIFEST,
    startEconCharter: {
      consume: { zoe: true },
      produce: { econCharterKit: true },
      installation: {
        consume: { binaryVoteCounter: true, econCommitteeCharter: true },
      },
      instance: { produce: { econCommitteeCharter: true } },
    },
  },
  installations: Object.fromEntries(
    Object.entries(bundles).map(([name, ref]) => [name, restoreRef(ref)]),
  ),
  options: { econCommitteeOptions: { committeeSize: 1 } },
});
