// @ts-check
/* global Compartment, harden */

/**
 * Evaluates the code of a CORE_EVAL message, as Agoric's core does: each piece
 * evaluates to a function, which gets the powers that its permits choose.
 * Pieces do not disturb each other.
 *
 * @param {any} message
 * @param {Readonly<Record<string, unknown>>} powers
 * @param {Readonly<Record<string, unknown>>} globals that the code has beside JavaScript's own
 * @returns {Promise<unknown>} settles when all have ended
 */
export const coreEval = (message, powers, globals) =>
  Promise.all(
    evalsOf(message).map(async ({ permits, code }) => {
      await null; // each in a turn of its own
      try {
        const chosen = permitted(JSON.parse(permits), powers);
        const compartment = new Compartment(harden({ ...globals }));
        const behavior = compartment.evaluate(code);
        await behavior(chosen);
      } catch (error) {
        console.error('core eval failed:', error);
      }
    }),
  );

/**
 * The powers that permits choose: all for `true`, otherwise those whose names
 * have a value that counts as true.
 *
 * @param {any} permits
 * @param {Readonly<Record<string, unknown>>} powers
 */
export const permitted = (permits, powers) =>
  permits === true
    ? powers
    : Object.fromEntries(
        Object.entries(powers).filter(([name]) => Boolean(permits?.[name])),
      );

/**
 * @param {any} message
 * @returns {{ permits: string, code: string }[]}
 */
const evalsOf = (message) =>
  message?.type === 'CORE_EVAL' && Array.isArray(message.evals)
    ? message.evals.map((/** @type {any} */ each) => ({
        permits: String(each?.json_permits),
        code: String(each?.js_code),
      }))
    : [];
