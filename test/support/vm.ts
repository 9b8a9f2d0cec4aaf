import { acceptHandshake, type Bridge, type Handler } from '@agd-bridge/bridge';
import { STOP_VM, upcallSchemas } from '@agd-bridge/agvm';
import { openInproc } from '@agd-bridge/bridge-inproc';
import { openSplit } from '@agd-bridge/bridge-split';

/**
 * The program of a VM without a kernel, for {@link startWithVm}: opens the
 * bridge that agd offers, in either mode, and answers the block actions that
 * have no handler with what the kernel answers.
 */
export async function serveVm(
  own: Readonly<Record<string, Handler>>,
): Promise<Bridge> {
  const { AGVM_LIBAGD, AGVM_FROM_AGD, AGVM_TO_AGD, AGVM_SHM } = process.env;
  const handlers: Record<string, Handler> = {};
  for (const method of Object.keys(upcallSchemas)) {
    handlers[method] = () => (method === 'swingset.Init' ? 'true' : 'null');
  }
  Object.assign(handlers, own);
  handlers[STOP_VM] = () => {
    if (AGVM_LIBAGD === undefined) process.exit(0);
    return 'null';
  };
  const software = 'a VM without a kernel';
  if (AGVM_LIBAGD === undefined) {
    const bridge = openSplit({
      readFd: Number(AGVM_FROM_AGD),
      writeFd: Number(AGVM_TO_AGD),
      ...(AGVM_SHM !== undefined && { sharedFd: Number(AGVM_SHM) }),
      handlers,
    });
    await acceptHandshake(bridge, software);
    return bridge;
  }
  const config = { args: process.argv.slice(2) };
  const bridge = openInproc({ library: AGVM_LIBAGD, config, handlers });
  void bridge.ended.then(({ exitCode }) => process.exit(exitCode));
  await acceptHandshake(bridge, software);
  return bridge;
}
