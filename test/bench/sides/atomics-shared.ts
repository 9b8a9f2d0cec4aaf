/** What the main thread and the worker of the Atomics.wait candidate share: three words, then a frame. */
export const slots = {
  /** Number of the newest request. */
  request: 0,
  /** Number of the newest response. */
  response: 1,
  /** Length of the frame. */
  length: 2,
  /** Where the frame is, in bytes. */
  data: 64,
};

export const SHARED_BYTES = slots.data + 4 * 1024 * 1024;
