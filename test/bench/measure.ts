import { payloadOf, type Side, type Slice } from './side.js';

/** Runs a slice on a side; returns the duration of each call, in nanoseconds. */
export async function measure(
  side: Side,
  slice: Slice,
): Promise<readonly number[]> {
  const payload = payloadOf(slice.bytes);
  switch (slice.op) {
    case 'downcall': {
      const { call, together = 1 } = supported(side.downcall?.(payload));
      return blocking(call, together, slice);
    }
    case 'spaced downcall':
      return spaced(supported(side.downcall?.(payload)).call, slice);
    case 'async downcall':
      return awaiting(supported(side.asyncDowncall?.(payload)), slice);
    case 'upcall':
      return supported(side.upcalls?.(payload, slice));
    case 'start':
    case 'store':
    case 'storage':
    case 'children':
      throw new Error(`a ${slice.op} is not measured inside a side`);
  }
}

function supported<T>(able: T | undefined): T {
  if (able === undefined) throw new Error('the candidate cannot do that');
  return able;
}

function blocking(call: () => void, together: number, slice: Slice): number[] {
  const took = new Float64Array(slice.most);
  const end = performance.now() + slice.milliseconds;
  let count = 0;
  for (let before = performance.now(); count < slice.most;) {
    for (let i = 0; i < together; i += 1) call();
    const after = performance.now();
    took[count] = after - before;
    count += 1;
    if (after >= end && count >= slice.least) break;
    before = after;
  }
  return Array.from(took.subarray(0, count), (ms) =>
    Math.round((ms * 1e6) / together),
  );
}

/** Time between two spaced calls, in ms, and the bytes that the work touches. */
const [SPACE, TOUCHED] = [0.5, 16 * 1024 * 1024];
const LINE = 64;

/** Calls as a busy kernel makes them: each finds cold caches. */
function spaced(call: () => void, slice: Slice): number[] {
  const memory = new Uint8Array(TOUCHED);
  const took: number[] = [];
  const end = performance.now() + slice.milliseconds;
  let at = 0;
  for (;;) {
    const next = performance.now() + SPACE;
    while (performance.now() < next) {
      for (let i = 0; i < LINE; i += 1) {
        memory[at] = (memory[at] ?? 0) + 1;
        at = (at + LINE) % TOUCHED;
      }
    }
    const before = performance.now();
    call();
    const after = performance.now();
    took.push(Math.round((after - before) * 1e6));
    if (took.length >= slice.most) return took;
    if (after >= end && took.length >= slice.least) return took;
  }
}

async function awaiting(
  call: () => Promise<void>,
  slice: Slice,
): Promise<number[]> {
  const took: number[] = [];
  const end = performance.now() + slice.milliseconds;
  const lane = async (): Promise<void> => {
    for (let before = performance.now(); took.length < slice.most;) {
      await call();
      const after = performance.now();
      took.push(Math.round((after - before) * 1e6));
      if (after >= end && took.length >= slice.least) break;
      before = after;
    }
  };
  await Promise.all(Array.from({ length: slice.outstanding }, lane));
  return took;
}
