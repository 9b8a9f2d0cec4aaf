// @ts-check
/** Builds the core proposal of `economic-committee-proposal.js`, when the kernel boots. */

/**
 * @param {object} powers what every builder of a core proposal gets
 *   (`@agoric/deploy-script-support`, src/extract-proposal.js)
 * @param {(source: string) => unknown} powers.install names a module to bundle
 * @param {(handle: unknown) => Promise<unknown>} powers.publishRef makes of it
 *   an argument of the proposal
 */
export const defaultProposalBuilder = async ({ install, publishRef }) => {
  const bundle = (/** @type {string} */ source) => publishRef(install(source));
  return {
    sourceSpec: '@agd-bridge/vats/src/economic-committee-proposal.js',
    getManifestCall: [
      'getManifestForEconomicCommittee',
      {
        bundles: {
          binaryVoteCounter: bundle(
            '@agoric/governance/src/binaryVoteCounter.js',
          ),
          committee: bundle('@agoric/governance/src/committee.js'),
          contractGovernor: bundle(
            '@agoric/governance/src/contractGovernor.js',
          ),
          econCommitteeCharter: bundle(
            '@agoric/inter-protocol/src/econCommitteeCharter.js',
          ),
        },
      },
    ],
  };
};
