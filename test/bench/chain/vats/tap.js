// @ts-check
/**
 * Watches the address of a wallet action `{"watch":…}` by Agoric's transfer
 * vat. It acknowledges each transfer to the address itself, and publishes their
 * number. After `{"throws":true}` it throws instead of acknowledging.
 */
import { E, Far } from '@endo/far';

/** The acknowledgement of a transfer that has succeeded. */
const SUCCESS = '{"result":"AQ=="}';

export const buildRootObject = () =>
  Far('root', {
    /**
     * @param {{ bridge: any, transfer: any }} vats
     * @param {{ bridge: any }} devices
     */
    bootstrap: async (vats, devices) => {
      const manager = E(vats.bridge).provideManagerForBridge(devices.bridge);
      const storage = E(manager).register('storage');
      /** @type {(name: string, text: string) => Promise<unknown>} */
      const publish = (name, text) =>
        E(storage).toBridge({
          method: 'set',
          args: [[`published.${name}`, text]],
        });

      const vtransfer = await E(manager).register('vtransfer');
      const kit = await E(vats.transfer).makeTransferMiddlewareKit();
      const { targetRegistry, bridgeHandler } = await E(
        vats.transfer,
      ).provideBridgeTargetKit(
        vtransfer,
        'VTRANSFER_IBC_EVENT',
        kit.interceptorFactory,
      );
      await E(kit.finisher).useRegistry(targetRegistry);
      await E(vtransfer).initHandler(bridgeHandler);

      let received = 0;
      let throws = false;
      const tap = Far('tap', {
        receiveUpcall: async () => {
          received += 1;
          await publish('transfers', String(received));
          if (throws) throw Error('thrown');
          return SUCCESS;
        },
      });
      await E(manager).register(
        'wallet',
        Far('wallet', {
          fromBridge: async (/** @type {{ action: string }} */ { action }) => {
            const { watch, ...rest } = JSON.parse(action);
            if ('throws' in rest) {
              throws = rest.throws;
              return;
            }
            await E(kit.transferMiddleware).registerActiveTap(watch, tap);
            await publish('watched', watch);
          },
        }),
      );
      // The vouchers change balances, which no vat here wants to know.
      await E(manager).register(
        'bank',
        Far('bank', { fromBridge: async () => {} }),
      );
    },
  });
