#!/usr/bin/env node
/**
 * A VM without a kernel that answers every action, except END_BLOCK of the
 * height in FAIL_AT. There it fails, as the real kernel does only if it has a
 * defect. RETRIEVE is the directory that it names for an export.
 */
import { acceptHandshake, type Handler } from '@agd-bridge/bridge';
import { STOP_VM, upcallSchemas } from '@agd-bridge/agvm';
import { openInproc } from '@agd-bridge/bridge-inproc';
import { openSplit } from '@agd-bridge/bridge-split';

const { AGVM_LIBAGD, AGVM_FROM_AGD, AGVM_TO_AGD, FAIL_AT } = process.env;
const { RETRIEVE } = process.env;

const handlers: Record<string, Handler> = {};
for (const method of Object.keys(upcallSchemas)) {
  handlers[method] = () => (method === 'swingset.Init' ? 'true' : 'null');
}
handlers['swingset.EndBlock'] = ([action = '']) => {
  const { blockHeight } = JSON.parse(action) as { blockHeight: number };
  if (blockHeight === Number(FAIL_AT)) throw new Error('the kernel is broken');
  return 'null';
};
handlers['swingset.SwingStoreExport'] = ([request = '']) =>
  request.includes('"retrieve"') ? JSON.stringify(RETRIEVE) : 'null';
handlers[STOP_VM] = () => {
  if (AGVM_LIBAGD === undefined) process.exit(0);
  return 'null';
};

const options = { handlers };
if (AGVM_LIBAGD === undefined) {
  const bridge = openSplit({
    readFd: Number(AGVM_FROM_AGD),
    writeFd: Number(AGVM_TO_AGD),
    ...options,
  });
  await acceptHandshake(bridge, 'a VM without a kernel');
} else {
  const config = { args: process.argv.slice(2) };
  const bridge = openInproc({ library: AGVM_LIBAGD, config, ...options });
  await acceptHandshake(bridge, 'a VM without a kernel');
  process.exit((await bridge.ended).exitCode);
}
