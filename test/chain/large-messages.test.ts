import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import {
  bytes,
  signedTx,
  txHash,
  varint,
  walletAction,
  type Message,
} from '@agd-bridge/chain-kit';
import { fromBech32 } from '@cosmjs/encoding';
import test from 'ava';

import { signerOf } from '../support/bank-tx.js';
import { bootedHome, chainId, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd } from '../support/node.js';
import { patience } from '../support/process.js';
import { ADDRESS_LENGTH } from './crafted.js';

/** Nearly the largest size of a bundle. */
const SIZE = 10_000_000 - 100;

/** A call of CometBFT's RPC. @throws Error with the node's reason */
async function call(
  node: AgdNode,
  method: string,
  params: object,
): Promise<unknown> {
  const response = await fetch(node.rpcUrl, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(patience),
  });
  const { result, error } = (await response.json()) as {
    result?: unknown;
    error?: { message: string; data?: string };
  };
  if (error) throw new Error(`${error.message}: ${error.data ?? ''}`);
  return result;
}

interface Verdict {
  readonly code: number;
  readonly log: string;
}

/** A transaction's result in its block. The command line would print the whole transaction. */
async function inBlock(node: AgdNode, txHash: string): Promise<Verdict> {
  const hash = Buffer.from(txHash, 'hex').toString('base64');
  for (let blocks = 0; blocks < 50; blocks += 1) {
    try {
      const found = await call(node, 'tx', { hash });
      return (found as { tx_result: Verdict }).tx_result;
    } catch {
      await node.height(node.committed() + 1);
    }
  }
  throw new Error(`${txHash} is in no block`);
}

/** The data at a path of vstorage, of any length. */
async function vstorage(node: AgdNode, path: string): Promise<string> {
  const data = bytes(1, path).toString('hex');
  const query = { path: '/agoric.vstorage.Query/Data', data };
  const { response } = (await call(node, 'abci_query', query)) as {
    response: { value: string };
  };
  const field = Buffer.from(response.value, 'base64');
  let at = 1;
  while (field.readUInt8(at) >= 128) at += 1;
  return field.subarray(at + 1).toString();
}

for (const mode of modes) {
  test.serial(
    `${mode}: what the chain takes the kernel reads, however large and quoted; the rest is refused with the limit's name`,
    async (t) => {
      t.timeout(3 * patience);
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const ports = await nodePorts();
        let node = new AgdNode({ home, mode, ports });
        try {
          await node.booted();
          const alice = await signerOf(home, 'alice', 0);
          const address = Buffer.from(
            fromBech32(alice.address, ADDRESS_LENGTH).data,
          );
          let sequence = 1; // the genesis has alice's first transaction
          const send = async (message: Message): Promise<Verdict> => {
            const options = { chainId, sequence, gas: 2_000_000_000 };
            const tx = signedTx(alice, [message], options);
            const params = { tx: tx.toString('base64') };
            const checked = (await call(
              node,
              'broadcast_tx_sync',
              params,
            )) as Verdict;
            if (checked.code !== 0) return checked;
            sequence += 1;
            return inBlock(node, txHash(tx));
          };
          const bundle = (...fields: Buffer[]): Message => ({
            typeUrl: '/agoric.swingset.MsgInstallBundle',
            value: Buffer.concat([bytes(2, address), ...fields]),
          });
          const published = `published.wallet.${alice.address}`;

          // Text without escapes in JSON keeps its length.
          const text = '<>&\u2028'.repeat(SIZE / 8);
          const sent = await send(
            walletAction(alice.address, JSON.stringify(text)),
          );
          t.is(sent.code, 0, sent.log);
          await node.height(node.committed() + 2);
          const wallet = JSON.parse(await vstorage(node, published)) as {
            last: string;
          };
          t.true(JSON.parse(wallet.last) === text, 'the vat got the text');

          // Text that grows by escaping is accepted as long as the kernel can
          // read it.
          const json = `{"moduleFormat":"${'\\"'.repeat(SIZE / 2 - 20)}"}`;
          const zipped = bundle(
            bytes(3, gzipSync(json)),
            varint(4, json.length),
          );
          t.true(zipped.value.length < 20_000, 'a small transaction');
          const unzipped = await send(zipped);
          t.is(unzipped.code, 0, unzipped.log);
          const quotes = await send(
            walletAction(alice.address, JSON.stringify('"'.repeat(SIZE / 2))),
          );
          t.is(quotes.code, 21);
          t.regex(quotes.log, /too large for the kernel: .*\(maxActionBytes\)/);

          // The node accepts the largest bundle uncompressed, from the command
          // line too.
          const file = join(dir, 'bundle.json');
          await writeFile(file, `{"moduleFormat":"${'<'.repeat(SIZE - 20)}"}`);
          const install = [
            ...['swingset', 'install-bundle', `@${file}`, '--compress=false'],
            ...['--chunk-size', '0', '--from', 'alice', '--gas'],
          ];
          const answer = JSON.parse(
            await node.agd(
              ...['tx', ...install, 'auto', '--gas-adjustment', '1.5'],
              ...['--yes', '--output', 'json'],
            ),
          ) as { txhash: string };
          const installed = await inBlock(node, answer.txhash);
          t.is(installed.code, 0, installed.log);
          await node.height(node.committed() + 2);

          // A node with a lower limit names the option to raise.
          await node.stop();
          const small = [
            ...['mempool.max_tx_bytes', '300000'],
            ...['rpc.max_body_bytes', '1000000'],
          ];
          await runAgd(home, ['config', 'set', 'config', ...small]);
          node = new AgdNode({ home, mode, ports });
          await node.line((line) =>
            line.includes('mempool.max_tx_bytes = 300000, wants 11534336')
              ? true
              : undefined,
          );
          await t.throwsAsync(node.tx(...install, '2000000000'), {
            message: /raise rpc\.max_body_bytes in its config\.toml/,
          });
          await writeFile(file, `{"moduleFormat":"${'<'.repeat(300_000)}"}`);
          await t.throwsAsync(node.tx(...install, '2000000000'), {
            message:
              /too large.*: raise mempool\.max_tx_bytes in the config\.toml/i,
          });
        } finally {
          await node.kill();
        }
      });
    },
  );
}
