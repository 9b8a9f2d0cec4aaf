import { createHash } from 'node:crypto';

import { signerWith, type Message, type Signer } from '@agd-bridge/chain-kit';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import {
  SignMode,
  SignatureDescriptor_Data,
} from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import {
  Channel,
  Order,
  State as ChannelState,
  type Packet,
} from 'cosmjs-types/ibc/core/channel/v1/channel';
import {
  MsgChannelOpenAck,
  MsgChannelOpenInit,
  MsgRecvPacket,
} from 'cosmjs-types/ibc/core/channel/v1/tx';
import type { Height } from 'cosmjs-types/ibc/core/client/v1/client';
import { MsgCreateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import {
  ConnectionEnd,
  State as ConnectionState,
} from 'cosmjs-types/ibc/core/connection/v1/connection';
import {
  MsgConnectionOpenAck,
  MsgConnectionOpenInit,
} from 'cosmjs-types/ibc/core/connection/v1/tx';
import {
  ClientState,
  ConsensusState,
  SignBytes,
  TimestampedSignatureData,
} from 'cosmjs-types/ibc/lightclients/solomachine/v3/solomachine';

/** Where the first client, connection and channel of a chain are. */
const [CLIENT, CONNECTION, CHANNEL] = [
  '06-solomachine-0',
  'connection-0',
  'channel-0',
] as const;
/** The names of the machine's own ends. */
const [ITS_CLIENT, ITS_CONNECTION, ITS_CHANNEL] = [
  'solo-client',
  'connection-9',
  'channel-9',
] as const;
const PORT = 'transfer';
const VERSION = 'ics20-1';
/** How a chain's IBC store is called in its proofs. */
const PREFIX = { keyPrefix: Buffer.from('ibc') };
const IBC_VERSION = {
  identifier: '1',
  features: ['ORDER_ORDERED', 'ORDER_UNORDERED'],
};
/** The time of all proofs, in ns: it need only not decrease. */
const TIME = 1n;
/** No packet times out: the largest time of a block that CometBFT can count, in ns. */
const NEVER = 9_000_000_000_000_000_000n;
/** A chain does not read it from a solo machine's proofs. */
const HEIGHT: Height = { revisionNumber: 0n, revisionHeight: 1n };
/** Proofs of the handshake, each of which has a sequence. */
const HANDSHAKE_PROOFS = 2;

/** A packet for transfers of the chain. */
export interface SoloPacket {
  /** From 1 on. */
  readonly sequence: number;
  readonly data: string;
  /**
   * How many proofs of packets the chain will have taken with this one; default:
   * the packet's sequence.
   */
  readonly proof?: number;
  /** The chain's channel; default: the machine's. */
  readonly channel?: string;
}

/**
 * The other end of IBC as one key (06-solomachine): what a chain would prove by
 * its state, it signs. So a test makes packets that a chain verifies, without
 * another chain and a relayer. It is the first IBC client of the chain. Every
 * proof must reach the chain in order.
 */
export class SoloMachine {
  readonly #key: Signer;

  /** @param privateKey 32 bytes */
  constructor(privateKey: Buffer) {
    this.#key = signerWith(privateKey, '', 0);
  }

  /**
   * The messages that open a channel for transfers.
   *
   * @param signer the address of the account that will sign them
   */
  opening(signer: string): Message[] {
    const publicKey = {
      typeUrl: PubKey.typeUrl,
      value: PubKey.encode({ key: this.#key.publicKey }).finish(),
    };
    const consensusState = ConsensusState.fromPartial({
      publicKey,
      timestamp: TIME,
    });
    const client = ClientState.fromPartial({ sequence: 1n, consensusState });
    const end = ConnectionEnd.fromPartial({
      clientId: ITS_CLIENT,
      versions: [IBC_VERSION],
      state: ConnectionState.STATE_TRYOPEN,
      counterparty: {
        clientId: CLIENT,
        connectionId: CONNECTION,
        prefix: PREFIX,
      },
    });
    const channel = {
      ordering: Order.ORDER_UNORDERED,
      version: VERSION,
    };
    const itsChannel = Channel.fromPartial({
      ...channel,
      state: ChannelState.STATE_TRYOPEN,
      counterparty: { portId: PORT, channelId: CHANNEL },
      connectionHops: [ITS_CONNECTION],
    });
    return [
      encoded(
        MsgCreateClient,
        MsgCreateClient.fromPartial({
          clientState: {
            typeUrl: ClientState.typeUrl,
            value: ClientState.encode(client).finish(),
          },
          consensusState: {
            typeUrl: ConsensusState.typeUrl,
            value: ConsensusState.encode(consensusState).finish(),
          },
          signer,
        }),
      ),
      encoded(
        MsgConnectionOpenInit,
        MsgConnectionOpenInit.fromPartial({
          clientId: CLIENT,
          counterparty: { clientId: ITS_CLIENT, prefix: PREFIX },
          version: IBC_VERSION,
          signer,
        }),
      ),
      encoded(
        MsgConnectionOpenAck,
        MsgConnectionOpenAck.fromPartial({
          connectionId: CONNECTION,
          counterpartyConnectionId: ITS_CONNECTION,
          version: IBC_VERSION,
          proofHeight: HEIGHT,
          proofTry: this.#proof(
            1,
            `connections/${ITS_CONNECTION}`,
            ConnectionEnd.encode(end).finish(),
          ),
          signer,
        }),
      ),
      encoded(
        MsgChannelOpenInit,
        MsgChannelOpenInit.fromPartial({
          portId: PORT,
          channel: {
            ...channel,
            state: ChannelState.STATE_INIT,
            counterparty: { portId: PORT },
            connectionHops: [CONNECTION],
          },
          signer,
        }),
      ),
      encoded(
        MsgChannelOpenAck,
        MsgChannelOpenAck.fromPartial({
          portId: PORT,
          channelId: CHANNEL,
          counterpartyChannelId: ITS_CHANNEL,
          counterpartyVersion: VERSION,
          proofTry: this.#proof(
            HANDSHAKE_PROOFS,
            `channelEnds/ports/${PORT}/channels/${ITS_CHANNEL}`,
            Channel.encode(itsChannel).finish(),
          ),
          proofHeight: HEIGHT,
          signer,
        }),
      ),
    ];
  }

  /**
   * The message by which the chain receives a transfer of one coin.
   *
   * @param sequence of the packet, from 1 on; its proof has the same place
   */
  transfer(signer: string, sequence: number, receiver: string): Message {
    const transfer = {
      amount: '1',
      denom: COIN,
      receiver,
      sender: 'solo machine',
    };
    return this.packet(signer, {
      sequence,
      data: JSON.stringify(transfer),
    });
  }

  /** The message by which the chain receives a packet with any data. */
  packet(signer: string, given: SoloPacket): Message {
    const { sequence, proof = sequence, channel = CHANNEL } = given;
    const data = Buffer.from(given.data);
    const packet: Packet = {
      sequence: BigInt(sequence),
      sourcePort: PORT,
      sourceChannel: ITS_CHANNEL,
      destinationPort: PORT,
      destinationChannel: channel,
      data,
      timeoutHeight: { revisionNumber: 0n, revisionHeight: 0n },
      timeoutTimestamp: NEVER,
    };
    const path = `commitments/ports/${PORT}/channels/${ITS_CHANNEL}/sequences/${String(sequence)}`;
    return encoded(
      MsgRecvPacket,
      MsgRecvPacket.fromPartial({
        packet,
        proofCommitment: this.#proof(
          HANDSHAKE_PROOFS + proof,
          path,
          commitment(data),
        ),
        proofHeight: HEIGHT,
        signer,
      }),
    );
  }

  /** Signs that its store has a value at a path. */
  #proof(sequence: number, path: string, data: Uint8Array): Uint8Array {
    const signed = SignBytes.encode({
      sequence: BigInt(sequence),
      timestamp: TIME,
      diversifier: '',
      path: Buffer.from(path),
      data,
    }).finish();
    const signature = this.#key.sign(Buffer.from(signed));
    const single = { mode: SignMode.SIGN_MODE_DIRECT, signature };
    const signatureData = SignatureDescriptor_Data.encode(
      SignatureDescriptor_Data.fromPartial({ single }),
    ).finish();
    return TimestampedSignatureData.encode({
      signatureData,
      timestamp: TIME,
    }).finish();
  }
}

/** The denomination of its coins. */
const COIN = 'solo';

/** What a chain stores of a packet that never times out by a height. */
function commitment(data: Buffer): Buffer {
  const timeout = Buffer.alloc(24);
  timeout.writeBigUInt64BE(NEVER);
  return sha256(Buffer.concat([timeout, sha256(data)]));
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** The codec of a message, as cosmjs-types has it. */
interface Codec<T> {
  readonly typeUrl: string;
  encode(message: T): { finish(): Uint8Array };
}

function encoded<T>(codec: Codec<T>, message: T): Message {
  const value = Buffer.from(codec.encode(message).finish());
  return { typeUrl: codec.typeUrl, value };
}
