/**
 * Agoric's own client, in its own process, because it requires a locked-down
 * realm. Arguments: the URL of a node's RPC, and the chain's id. Prints the
 * names that it found, as JSON.
 */
import '@endo/init';

import { makeSmartWalletKit } from '@agoric/client-utils';

const [rpcUrl, chainName] = process.argv.slice(2);
const kit = await makeSmartWalletKit(
  {
    fetch,
    delay: async (ms) =>
      new Promise((resolve) => {
        setTimeout(resolve, ms);
      }),
  },
  { rpcAddrs: [rpcUrl], chainName },
);
const { brand, instance } = kit.agoricNames;
console.log(
  JSON.stringify({
    brands: Object.keys(brand).sort(),
    instances: Object.keys(instance).sort(),
  }),
);
