/**
 * Memory shared by the main thread and the worker of the Atomics.wait
 * candidate: three words, then a frame.
 */
export const slots = {
  /** Number of the newest request. */
  request: 0,
  /** Number of the newest response. */
  response: 1,
  /** Length of the frame. */
  length: 2,
  /** Offset of the frame, in bytes. */
  data: 64,
};

export const SHARED_BYTES = slots.data + 4 * 1024 * 1024;
