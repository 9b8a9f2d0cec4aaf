// @ts-check

/** The wallets' data: whose action it is, and what is published of it. Pure; nothing here throws on foreign input. */

/** A segment of a storage path (`assertPathSegment` in `@agoric/internal`). */
const SEGMENT = /^[a-zA-Z0-9_-]{1,100}$/;

/**
 * The account and the text of a WALLET_ACTION; undefined of anything else.
 *
 * @param {any} message
 * @returns {{ owner: string, action: string } | undefined}
 */
export const ownerAndAction = (message) => {
  const { type, owner, action } = message ?? {};
  if (
    type !== 'WALLET_ACTION' ||
    typeof owner !== 'string' ||
    !SEGMENT.test(owner) ||
    typeof action !== 'string'
  ) {
    return undefined;
  }
  return { owner, action };
};

/**
 * The text to publish for an account: a JSON object of how many actions there
 * were, and the last one.
 *
 * @param {unknown} published what is published so far: this function's own
 *   text, or null; anything else counts as nothing
 * @param {string} action
 * @returns {string}
 */
export const withAction = (published, action) =>
  JSON.stringify({ actions: countOf(published) + 1, last: action });

/**
 * @param {unknown} text
 * @returns {number}
 */
const countOf = (text) => {
  try {
    const actions =
      typeof text === 'string' ? JSON.parse(text)?.actions : undefined;
    return Number.isSafeInteger(actions) && actions > 0 ? actions : 0;
  } catch {
    return 0;
  }
};
