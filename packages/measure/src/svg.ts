/** SVG as text: elements, and the scales of axes. */

type Attributes = Readonly<Record<string, string | number>>;

export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes).map(
    ([key, value]) =>
      ` ${key}="${escaped(typeof value === 'number' ? String(Math.round(value * 100) / 100) : value)}"`,
  );
  return `<${name}${written.join('')}>${children.join('')}</${name}>`;
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Maps values to positions by their logarithm. */
export interface LogScale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/**
 * A scale that covers all values, with ticks at 1, 2 and 5 of each power of
 * ten; at equal distances if there would be fewer than three.
 */
export function logScale(
  values: readonly number[],
  from: number,
  to: number,
): LogScale {
  const logs = values.filter((value) => value > 0).map(Math.log);
  const low = Math.min(...logs);
  const high = Math.max(...logs, low + 0.1);
  const place = (value: number): number =>
    from + ((Math.log(value) - low) / (high - low)) * (to - from);
  const decades = (high - low) / Math.LN10;
  const steps = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (
    let power = Math.floor(low / Math.LN10);
    power <= high / Math.LN10;
    power += 1
  ) {
    for (const step of steps) {
      const tick = step * 10 ** power;
      const log = Math.log(tick);
      if (log >= low && log <= high) ticks.push(tick);
    }
  }
  if (ticks.length >= 3) return Object.assign(place, { ticks });
  const [least, most] = [Math.exp(low), Math.exp(high)];
  const fine = linearTicks(most - least)[1] ?? most;
  const first = Math.ceil(least / fine);
  const count = Math.floor(most / fine) - first + 1;
  return Object.assign(place, {
    ticks: Array.from({ length: count }, (_, index) => (first + index) * fine),
  });
}

/**
 * Round numbers at equal distances from 0 to at least `most`: 3 to 6 of them.
 */
export function linearTicks(most: number): number[] {
  const rough = Math.max(most, Number.MIN_VALUE) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  const step = factor * power;
  const count = Math.max(Math.ceil(most / step), 1);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
