// @ts-check

/**
 * The demonstration vat: mirrors bank balances into chain storage.
 *
 * The chain tells it which balances changed (VBANK_BALANCE_UPDATE, in the
 * action queue); the vat asks the bank for each of them, and publishes the
 * account's balances. It never trusts the amount in the update: by the time
 * it runs, the balance may have changed again.
 *
 * Of an account's actions (WALLET_ACTION) it publishes how many there were, and
 * the last one. Governance's code (CORE_EVAL) may publish, too. Peers' messages
 * (DELIVER_INBOUND) it drops.
 */

import * as far from '@endo/far';

import { mergeBalances, touchedBalances } from './balances.js';
import { coreEval } from './core-eval.js';
import { ownerAndAction, withAction } from './wallet.js';

const { Far } = far;

/** The bridge device's names of the chain's modules (`BridgeId` in `@agoric/internal`). */
const BANK = 'bank';
const CORE = 'core';
const WALLET = 'wallet';
const STORAGE = 'storage';

/** Where balances are published: one entry for each address below this path. */
const ROOT = 'published.bank';

/** Where the last action of each wallet is published. */
const WALLETS = 'published.wallet';

/** Where governance's code publishes. */
const CORE_ROOT = 'published.core';

/**
 * The vat keeps no balances: what it knows of an account is what it published
 * last, so its state does not grow, and a restart, which replays the vat, finds
 * it as it was. It has no durable objects, so its code is replaced by a new
 * vat, not by an upgrade; nothing is lost by that either.
 *
 * @param {{ D: (device: any) => any }} vatPowers
 */
export const buildRootObject = ({ D }) => {
  /** @type {unknown} the bridge device */
  let bridge;

  /**
   * A downcall. A failed one comes back as `{ error: message }`.
   *
   * @param {string} module
   * @param {object} message
   */
  const callChain = (module, message) => {
    const result = D(bridge).callOutbound(module, message);
    if (typeof result === 'object' && result !== null && 'error' in result) {
      throw Error(`${module}: ${result.error}`);
    }
    return result;
  };

  /**
   * @param {string} address
   * @param {string[]} denoms
   * @returns {[path: string, value: string]} storage entry
   */
  const readAccount = (address, denoms) => {
    const path = `${ROOT}.${address}`;
    const published = callChain(STORAGE, { method: 'get', args: [path] });
    const amounts = denoms.map((denom) => [
      denom,
      callChain(BANK, { type: 'VBANK_GET_BALANCE', address, denom }),
    ]);
    return [path, mergeBalances(published, amounts)];
  };

  /** @param {unknown} message */
  const publishChanged = (message) => {
    const entries = [];
    for (const [address, denoms] of touchedBalances(message)) {
      try {
        entries.push(readAccount(address, denoms));
      } catch (error) {
        // One account's failure must not hold back the others.
        console.error(`bank mirror: ${address} not updated:`, error);
      }
    }
    if (entries.length > 0) {
      callChain(STORAGE, { method: 'set', args: entries });
    }
  };

  /** @param {unknown} message */
  const publishAction = (message) => {
    const found = ownerAndAction(message);
    if (!found) {
      return;
    }
    const path = `${WALLETS}.${found.owner}`;
    const published = callChain(STORAGE, { method: 'get', args: [path] });
    const text = withAction(published, found.action);
    callChain(STORAGE, { method: 'set', args: [[path, text]] });
  };

  /** What governance's code may do. */
  const powers = {
    /**
     * @param {string} name a segment of a storage path
     * @param {string} text
     */
    publish: (name, text) =>
      callChain(STORAGE, {
        method: 'set',
        args: [[`${CORE_ROOT}.${name}`, text]],
      }),
  };

  const inboundHandler = Far('inboundHandler', {
    /**
     * @param {string} source
     * @param {unknown} message
     */
    inbound: (source, message) => {
      try {
        if (source === BANK) {
          publishChanged(message);
        } else if (source === WALLET) {
          publishAction(message);
        } else if (source === CORE) {
          void coreEval(message, powers, far);
        } else {
          console.warn(`bank mirror: nothing to do for ${source}`);
        }
      } catch (error) {
        console.error('bank mirror: message ignored:', error);
      }
    },
  });

  /** Without one, the kernel fails the block that has a peer's messages. */
  const mailboxHandler = Far('mailboxHandler', {
    deliverInboundMessages: () => {},
    deliverInboundAck: () => {},
  });

  return Far('root', {
    /**
     * @param {unknown} _vats
     * @param {{ bridge?: unknown, mailbox?: unknown }} devices
     */
    bootstrap: (_vats, devices) => {
      bridge = devices.bridge;
      D(bridge).registerInboundHandler(inboundHandler);
      if (devices.mailbox !== undefined) {
        D(devices.mailbox).registerInboundHandler(mailboxHandler);
      }
    },
  });
};
