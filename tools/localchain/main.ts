import { parseArgs } from 'node:util';

import { makeLocalChain } from '@agd-bridge/chain-kit';

const { values } = parseArgs({
  options: {
    agd: { type: 'string', default: 'build/agd' },
    home: { type: 'string', default: '.agd' },
    'chain-id': { type: 'string', default: 'agd-local' },
    'bootstrap-vat-config': { type: 'string' },
  },
});

try {
  await makeLocalChain({
    agd: values.agd,
    home: values.home,
    chainId: values['chain-id'],
    bootstrapVatConfig: values['bootstrap-vat-config'],
  });
} catch (error) {
  console.error(`localchain: ${(error as Error).message}`);
  process.exitCode = 1;
}
