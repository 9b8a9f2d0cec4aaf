// @ts-check
/**
 * Builders of the core proposals that `core-config.json` names: what Agoric's
 * core needs beside itself until accounts can have smart wallets, and a contract
 * for their offers. They run when the kernel boots.
 */

/**
 * @typedef {object} Powers what every builder of a core proposal gets
 *   (`@agoric/deploy-script-support`, src/extract-proposal.js)
 * @property {(source: string) => unknown} install names a module to bundle
 * @property {(handle: unknown) => Promise<unknown>} publishRef makes of it an
 *   argument of the proposal
 */

/** @param {Powers} powers */
export const buildEconomicCommittee = async ({ install, publishRef }) => {
  const bundle = (/** @type {string} */ source) => publishRef(install(source));
  return {
    sourceSpec: '@agd-bridge/vats/src/economic-committee.js',
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

/** @param {Powers} powers */
export const buildWalletFactory = async ({ install, publishRef }) => {
  const bundle = (/** @type {string} */ source) => publishRef(install(source));
  return {
    sourceSpec: '@agoric/vats/src/core/startWalletFactory.js',
    getManifestCall: [
      'getManifestForWalletFactory',
      {
        installKeys: {
          provisionPool: bundle('@agoric/inter-protocol/src/provisionPool.js'),
          walletFactory: bundle('@agoric/smart-wallet/src/walletFactory.js'),
        },
      },
    ],
  };
};

/** @param {Powers} powers */
export const buildAutomaticRefund = async ({ install, publishRef }) => ({
  sourceSpec: '@agd-bridge/vats/src/automatic-refund.js',
  getManifestCall: [
    'getManifestForAutomaticRefund',
    {
      bundle: publishRef(
        install('@agoric/zoe/src/contracts/automaticRefund.js'),
      ),
    },
  ],
});
