/**
 * CosmJS, in a process of its own, as a user's program has it. One argument,
 * JSON: the address of a node's RPC as a WebSocket's, a sender's private key
 * in hex, a recipient's address, and how many uist to send. Prints what it was
 * told, as JSON; the test judges.
 */
import { fromHex } from '@cosmjs/encoding';
import { DirectSecp256k1Wallet } from '@cosmjs/proto-signing';
import { GasPrice, SigningStargateClient } from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';

const { url, key, recipient, amount } = JSON.parse(process.argv[2]);
const wallet = await DirectSecp256k1Wallet.fromKey(fromHex(key), 'agoric');
const [{ address: sender }] = await wallet.getAccounts();
// StargateClient.connect() knows CometBFT up to 0.38, and takes 0.39 for Tendermint 0.34.
const comet = await Comet38Client.connect(url);
const client = await SigningStargateClient.createWithSigner(comet, wallet, {
  broadcastPollIntervalMs: 100,
  gasPrice: GasPrice.fromString('0.01ubld'),
});

/** The events of a subscription so far, and a promise of the first one, past or to come, that `wanted` takes. */
const collect = (stream) => {
  const events = [];
  let look = () => undefined;
  stream.addListener({
    next: (event) => {
      events.push(event);
      look();
    },
  });
  const first = async (wanted) =>
    new Promise((resolve) => {
      look = () => {
        const found = events.find(wanted);
        if (found) resolve(found);
      };
      look();
    });
  return { events, first };
};

const balances = async () => ({
  sender: (await client.getBalance(sender, 'uist')).amount,
  recipient: (await client.getBalance(recipient, 'uist')).amount,
});
const hex = (bytes) => Buffer.from(bytes).toString('hex').toUpperCase();
const coins = (uist) => [{ denom: 'uist', amount: String(uist) }];
const send = (uist, fee) =>
  client.sendTokens(sender, recipient, coins(uist), fee, 'by CosmJS');

const before = await balances();
// The node reads a connection's requests one after the other: it knows of the
// subscriptions before it gets the transaction.
const transactions = collect(
  comet.subscribeTx(`transfer.recipient='${recipient}'`),
);
const blocks = collect(comet.subscribeNewBlock());

const result = await send(amount, 'auto');
const event = await transactions.first(() => true);
const next = await blocks.first(({ header }) => header.height > result.height);
const found = await client.getTx(result.transactionHash);
const block = await client.getBlock(result.height);

const tooMuch = await send(10n ** 30n, { amount: [], gas: '200000' });
const unfunded = await client
  .sendTokens(sender, recipient, coins(1), {
    amount: coins(10n ** 30n),
    gas: '200000',
  })
  .then(
    () => ({}),
    ({ code, codespace, log }) => ({ code, codespace, log }),
  );

console.log(
  JSON.stringify({
    chain: await client.getChainId(),
    before,
    after: await balances(),
    sent: {
      code: result.code,
      height: result.height,
      hash: result.transactionHash,
      gas: Number(result.gasUsed),
    },
    event: {
      height: event.height,
      hash: hex(event.hash),
      code: event.result.code,
    },
    events: transactions.events.length,
    found: {
      code: found.code,
      height: found.height,
      hash: found.hash,
      inBlock: block.txs.some(
        (tx) => Buffer.compare(Buffer.from(tx), Buffer.from(found.tx)) === 0,
      ),
    },
    heights: blocks.events.map(({ header }) => header.height),
    next: { height: next.header.height, appHash: hex(next.header.appHash) },
    failed: {
      tooMuch: { code: tooMuch.code, log: tooMuch.rawLog },
      unfunded,
    },
  }),
);
// Its WebSocket connects again after disconnect(), and would keep the process.
process.exit();
