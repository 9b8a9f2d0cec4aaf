/** The words that the threads of the shared-memory ping share: three, each in cache lines of its own. */
export const slots = {
  /** The number that goes to the worker. */
  there: 0,
  /** The number that comes back. */
  back: 32,
  /** 1 while the worker sleeps, because nothing has come for a while. */
  asleep: 64,
};

export const SHARED_BYTES = 96 * Int32Array.BYTES_PER_ELEMENT;
