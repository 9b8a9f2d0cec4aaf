// @ts-check
/**
 * Listens on the port `custom-echo` and returns each packet to its sender. A
 * wallet action `{"address":…,"word":…}` opens a channel to a remote address,
 * sends the word, and publishes what comes back. `{"host":…}` opens an account
 * at the remote address of a host and publishes the address of the channel's
 * other end, which has the account's; `{"packet":…}` then sends it a packet.
 *
 * The port `custom-hold` publishes each packet that arrives, and answers it when
 * a wallet action `{"release":…}` says what.
 */
import { heapVowTools } from '@agoric/vow/vat.js';
import { E, Far } from '@endo/far';

const { when } = heapVowTools;

export const buildRootObject = () =>
  Far('root', {
    /**
     * @param {{ bridge: any, network: any, ibc: any }} vats
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

      const dibc = await E(manager).register('dibc');
      const callbacks = await E(vats.ibc).makeCallbacks(dibc);
      const { protocolHandler, bridgeHandler } = await E(
        vats.ibc,
      ).createHandlers(callbacks);
      await E(dibc).initHandler(bridgeHandler);
      await E(vats.network).registerProtocolHandler(
        ['/ibc-port', '/ibc-hop'],
        protocolHandler,
      );

      const allocator = await E(vats.network).getPortAllocator();
      const echo = await when(E(allocator).allocateCustomIBCPort('echo'));
      const { listener } = await E(vats.network).makeEchoConnectionKit();
      await when(E(echo).addListener(listener));

      /** @type {((answer: string) => void)[]} */
      const held = [];
      const holder = Far('holder', {
        onOpen: async () => {},
        onReceive: async (
          /** @type {unknown} */ _connection,
          /** @type {string} */ word,
        ) => {
          await publish('held', word);
          return new Promise((resolve) => held.push(resolve));
        },
        onClose: async () => {},
      });
      const hold = await when(E(allocator).allocateCustomIBCPort('hold'));
      await when(
        E(hold).addListener(
          Far('listener', {
            onListen: async () => {},
            onAccept: async () => holder,
            onError: async () => {},
            onRemove: async () => {},
          }),
        ),
      );
      const port = await when(E(allocator).allocateCustomIBCPort('caller'));

      const call = async (
        /** @type {string} */ address,
        /** @type {string} */ word,
      ) => {
        const handler = Far('handler', {
          onOpen: async () => {},
          onReceive: async () => '',
          onClose: async () => {},
        });
        const connection = await when(E(port).connect(address, handler));
        return when(E(connection).send(word));
      };
      /** @type {any} */
      let account;
      const open = async (/** @type {string} */ host) => {
        const controller = await when(E(allocator).allocateICAControllerPort());
        const handler = Far('controller', {
          onOpen: async () => {},
          onReceive: async () => '',
          onClose: async () => {},
        });
        account = await when(E(controller).connect(host, handler));
        return E(account).getRemoteAddress();
      };

      await E(manager).register(
        'wallet',
        Far('wallet', {
          fromBridge: async (/** @type {{ action: string }} */ { action }) => {
            const { address, word, host, packet, release } = JSON.parse(action);
            if (release) {
              for (const answer of held.splice(0)) answer(release);
              return;
            }
            const answered = () => {
              if (host) return open(host);
              if (packet) return when(E(account).send(packet));
              return call(address, word);
            };
            await answered().then(
              (answer) => publish('answer', answer),
              (error) => publish('answer', `failed: ${error.message}`),
            );
          },
        }),
      );
      await publish('ready', 'yes');
    },
  });
