/** The words that the threads of the shared-memory ping share: three, each in cache lines of its own. */
export const slots = {
  /** The number sent to the worker. */
  there: 0,
  /** The number sent back. */
  back: 32,
  /** 1 while the worker sleeps after a period without requests. */
  asleep: 64,
};

export const SHARED_BYTES = 96 * Int32Array.BYTES_PER_ELEMENT;
