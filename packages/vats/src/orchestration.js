// @ts-check
/**
 * Builders of the core proposals by which a chain gets what orchestration
 * needs, as `@agoric/builders` has them: Agoric's vats for IBC, local accounts,
 * transfers and orchestration, and a contract of `@agoric/orchestration` that
 * sends coins from its local account. `test/ibc/orchestration.test.ts` uses them;
 * an installation has no `@agoric/orchestration`, which the last two need.
 */

/** @typedef {import('./core-proposals.js').Powers} Powers */

/**
 * @param {string} sourceSpec
 * @param {string} manifest the function that returns the proposal's manifest
 * @param {Readonly<Record<string, string>>} sources what it installs, by name
 * @param {object} [options]
 */
const builder =
  (sourceSpec, manifest, sources, options) =>
  async (/** @type {Powers} */ { install, publishRef }) => ({
    sourceSpec,
    getManifestCall: [
      manifest,
      {
        ...Object.fromEntries(
          Object.entries(sources).map(([name, source]) => [
            name,
            publishRef(install(source)),
          ]),
        ),
        ...(options ? { options } : {}),
      },
    ],
  });

export const buildNetwork = builder(
  '@agoric/vats/src/proposals/network-proposal.js',
  'getManifestForNetwork',
  {
    networkRef: '@agoric/vats/src/vat-network.js',
    ibcRef: '@agoric/vats/src/vat-ibc.js',
  },
);

export const buildLocalChain = builder(
  '@agoric/vats/src/proposals/localchain-proposal.js',
  'getManifestForLocalChain',
  { localchainRef: '@agoric/vats/src/vat-localchain.js' },
);

export const buildTransfer = builder(
  '@agoric/vats/src/proposals/transfer-proposal.js',
  'getManifestForTransfer',
  { transferRef: '@agoric/vats/src/vat-transfer.js' },
);

export const buildOrchestration = builder(
  '@agoric/orchestration/src/proposals/orchestration-proposal.js',
  'getManifestForOrchestration',
  { orchestrationRef: '@agoric/orchestration/src/vat-orchestration.js' },
);

// The same on both chains: each is `agoric` for itself, and its ends of the
// connection and of the channel have the same names.
const end = { client_id: '07-tendermint-0', connection_id: 'connection-0' };
const connection = {
  id: end.connection_id,
  client_id: end.client_id,
  counterparty: end,
  state: 3,
  transferChannel: {
    portId: 'transfer',
    channelId: 'channel-0',
    counterPartyPortId: 'transfer',
    counterPartyChannelId: 'channel-0',
    ordering: 0,
    state: 3,
    version: 'ics20-1',
  },
};

export const buildSendAnywhere = builder(
  '@agoric/orchestration/src/proposals/start-send-anywhere.js',
  'getManifest',
  {
    installationRef:
      '@agoric/orchestration/src/examples/send-anywhere.contract.js',
  },
  {
    chainInfo: {
      agoric: {
        namespace: 'cosmos',
        reference: 'here-1',
        chainId: 'here-1',
        bech32Prefix: 'agoric',
        stakingTokens: [{ denom: 'ubld' }],
        connections: { 'there-1': connection },
      },
      there: {
        namespace: 'cosmos',
        reference: 'there-1',
        chainId: 'there-1',
        bech32Prefix: 'there',
      },
    },
    assetInfo: [
      [
        'ubld',
        {
          chainName: 'agoric',
          baseName: 'agoric',
          baseDenom: 'ubld',
          brandKey: 'BLD',
        },
      ],
    ],
  },
);
