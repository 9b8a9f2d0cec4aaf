import type { Slice } from '../side.js';

/** Go's report on the calls that it made. */
export interface Times {
  readonly nanoseconds: readonly number[] | null;
  readonly error?: string;
}

/** @throws Error a call failed */
export function timesOf({ nanoseconds, error }: Times): readonly number[] {
  if (error !== undefined) throw new Error(`Go's call failed: ${error}`);
  return nanoseconds ?? [];
}

/** The JSON of `bridgetest.Load`, for calls with this payload. */
export function loadOf(payload: string, slice: Slice, method = ''): string {
  const { milliseconds, least, most, outstanding } = slice;
  const bounds = JSON.stringify({
    method,
    milliseconds,
    least,
    most,
    outstanding,
  });
  return `${bounds.slice(0, -1)},"param":${payload}}`;
}
