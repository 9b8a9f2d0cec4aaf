/** The node's totals of one method since its start. */
export interface CallTotals {
  readonly count: number;
  readonly seconds: number;
  /** Size of params and results as JSON text, in bytes. */
  readonly bytes: number;
}

/** Totals by direction and method: `up swingset.EndBlock`. */
export type Totals = ReadonlyMap<string, CallTotals>;

const NOTHING: CallTotals = { count: 0, seconds: 0, bytes: 0 };
const SAMPLE = /^agd_bridge_call_(\w+)\{([^}]*)\} (\S+)$/;

/**
 * Parses the bridge's metrics in the Prometheus text format
 * (docs/monitoring.md).
 */
export function totalsOf(text: string): Totals {
  const totals = new Map<string, CallTotals>();
  for (const line of text.split('\n')) {
    const [, metric, labels = '', value] = SAMPLE.exec(line) ?? [];
    const member = memberOf(metric);
    if (!member) continue;
    const label = (name: string): string =>
      new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const key = `${label('direction')} ${label('method')}`;
    const known = totals.get(key) ?? NOTHING;
    totals.set(key, { ...known, [member]: known[member] + Number(value) });
  }
  return totals;
}

function memberOf(metric: string | undefined): keyof CallTotals | undefined {
  switch (metric) {
    case 'duration_seconds_count':
      return 'count';
    case 'duration_seconds_sum':
      return 'seconds';
    case 'bytes_sum':
      return 'bytes';
    default:
      return undefined;
  }
}

/** The difference between two readings, without methods that had no calls. */
export function since(before: Totals, after: Totals): Totals {
  const rows = [...after].map(([key, totals]) => {
    const { count, seconds, bytes } = before.get(key) ?? NOTHING;
    const more: CallTotals = {
      count: totals.count - count,
      seconds: totals.seconds - seconds,
      bytes: totals.bytes - bytes,
    };
    return [key, more] as const;
  });
  return new Map(rows.filter(([, { count }]) => count > 0));
}

/** The sum over all methods of a direction. */
export function sumOf(totals: Totals, direction: 'up' | 'down'): CallTotals {
  const sum = { ...NOTHING };
  for (const [key, { count, seconds, bytes }] of totals) {
    if (!key.startsWith(`${direction} `)) continue;
    sum.count += count;
    sum.seconds += seconds;
    sum.bytes += bytes;
  }
  return sum;
}

/** The calls of one method; zero if it was not called. */
export function callsOf(totals: Totals, key: string): CallTotals {
  return totals.get(key) ?? NOTHING;
}
