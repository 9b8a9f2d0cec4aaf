/**
 * CosmJS's queries of IBC, in a process of its own. One argument: the address
 * of a node's RPC. Prints the answers, as JSON; the test judges.
 */
import { QueryClient, setupIbcExtension } from '@cosmjs/stargate';
import { Comet38Client } from '@cosmjs/tendermint-rpc';

const comet = await Comet38Client.connect(process.argv[2]);
const { ibc } = QueryClient.withExtensions(comet, setupIbcExtension);
const { channel, client, connection, transfer } = ibc;
const of = ['transfer', 'channel-0'];

const [{ channel: open }, { connection: link }, tm, { params }] =
  await Promise.all([
    channel.channel(...of),
    connection.connection('connection-0'),
    client.stateTm('07-tendermint-0'),
    transfer.params(),
  ]);
const { denoms } = await transfer.allDenomTraces();
const { commitments } = await channel.allPacketCommitments(...of);
const { acknowledgements } = await channel.allPacketAcknowledgements(...of);
const { nextSequenceReceive } = await channel.nextSequenceReceive(...of);
const answers = {
  channels: (await channel.allChannels()).channels.length,
  version: open.version,
  counterparty: open.counterparty,
  connection: link.counterparty.connectionId,
  chainId: tm.chainId,
  params,
  denoms,
  commitments: commitments.length,
  acknowledgements: acknowledgements.map(({ sequence }) => sequence),
  nextSequenceReceive,
};
console.log(
  JSON.stringify(answers, (_name, value) =>
    typeof value === 'bigint' ? String(value) : value,
  ),
);
