// @ts-check

/**
 * The bank mirror's data: which balances an update touches, and what is
 * published of an account. Pure; nothing here throws on foreign input.
 */

/** A segment of a storage path (`assertPathSegment` in `@agoric/internal`). */
const SEGMENT = /^[a-zA-Z0-9_-]{1,100}$/;

/** An amount that the bank answers with: a decimal natural number. */
const AMOUNT = /^(?:0|[1-9][0-9]*)$/;

/**
 * The denoms to read for each account, of a VBANK_BALANCE_UPDATE. Entries that
 * are not `{ address, denom }` with usable strings are left out, and a message
 * of another type has none.
 *
 * @param {any} message
 * @returns {Map<string, string[]>} denoms by address, both in order of first mention
 */
export const touchedBalances = (message) => {
  /** @type {Map<string, string[]>} */
  const touched = new Map();
  const { type, updated } = message ?? {};
  if (type !== 'VBANK_BALANCE_UPDATE' || !Array.isArray(updated)) {
    return touched;
  }
  for (const entry of updated) {
    const { address, denom } = entry ?? {};
    if (
      typeof address === 'string' &&
      SEGMENT.test(address) &&
      typeof denom === 'string' &&
      denom !== ''
    ) {
      const denoms = touched.get(address) ?? [];
      if (!denoms.includes(denom)) {
        touched.set(address, [...denoms, denom]);
      }
    }
  }
  return touched;
};

/**
 * The text to publish for an account: a JSON object of amounts by denom,
 * sorted by denom (UTF-16 code units), without the denoms that have none left.
 * An account without any is published as `{}`.
 *
 * @param {unknown} published what is published so far: this function's own
 *   text, or null; anything else counts as nothing
 * @param {unknown[][]} amounts pairs of denom and the bank's answer; an answer
 *   that is no amount leaves the denom as it was
 * @returns {string}
 */
export const mergeBalances = (published, amounts) => {
  const balances = parseBalances(published);
  for (const [denom, amount] of amounts) {
    if (typeof denom === 'string' && isAmount(amount)) {
      balances.set(denom, amount);
    }
  }
  const held = [...balances].filter(([, amount]) => amount !== '0');
  held.sort(([a], [b]) => (a < b ? -1 : 1));
  // Not through an object: it would move denoms that look like indices first.
  const members = held.map(
    ([denom, amount]) => `${JSON.stringify(denom)}:${JSON.stringify(amount)}`,
  );
  return `{${members.join(',')}}`;
};

/**
 * @param {unknown} text
 * @returns {Map<string, string>}
 */
const parseBalances = (text) => {
  try {
    const value = typeof text === 'string' ? JSON.parse(text) : {};
    if (Array.isArray(value)) {
      return new Map();
    }
    /** @type {[string, unknown][]} */
    const members = Object.entries(value);
    return new Map(
      members.filter(
        /** @returns {member is [string, string]} */
        (member) => isAmount(member[1]),
      ),
    );
  } catch {
    return new Map();
  }
};

/**
 * @param {unknown} value
 * @returns {value is string}
 */
const isAmount = (value) => typeof value === 'string' && AMOUNT.test(value);
