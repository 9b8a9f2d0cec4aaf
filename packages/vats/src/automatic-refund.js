// @ts-check
/**
 * A core proposal that starts Zoe's example contract `automaticRefund` and
 * publishes it in agoricNames under that name. Anyone gets an invitation from
 * it, and it gives back what an offer puts in: a new account's wallet can try
 * an offer.
 */

/**
 * @typedef {object} Powers
 * @property {{ startUpgradable: Promise<Start> }} consume
 * @property {{ consume: { automaticRefund: Promise<unknown> } }} installation
 * @property {{ produce: { automaticRefund: { resolve(to: unknown): void } } }} instance
 */

/** @typedef {(options: object) => Promise<{ instance: unknown }>} Start */

/** @param {Powers} powers */
export const startAutomaticRefund = async ({
  consume: { startUpgradable },
  installation: {
    consume: { automaticRefund: installation },
  },
  instance: { produce },
}) => {
  const start = await startUpgradable;
  const { instance } = await start({
    installation: await installation,
    label: 'automaticRefund',
  });
  produce.automaticRefund.resolve(instance);
};

/**
 * @param {{ restoreRef: (ref: unknown) => Promise<unknown> }} powers
 * @param {{ bundle: unknown }} options
 */
export const getManifestForAutomaticRefund = ({ restoreRef }, { bundle }) => ({
  manifest: {
    startAutomaticRefund: {
      consume: { startUpgradable: true },
      installation: { consume: { automaticRefund: true } },
      instance: { produce: { automaticRefund: true } },
    },
  },
  installations: { automaticRefund: restoreRef(bundle) },
});
