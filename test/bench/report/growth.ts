import type { Case } from '../cases.js';
import type { CaseReport } from './report.js';

/** How a cost grows with the size of its work. */
export interface Growth {
  /** Of {@link Case.grows}. */
  readonly name: string;
  readonly unit: NonNullable<Case['unit']>;
  /** In ascending order. */
  readonly sizes: readonly number[];
  readonly candidates: readonly GrowthOf[];
}

export interface GrowthOf {
  readonly name: string;
  /** p50 at each size. */
  readonly values: readonly number[];
  /**
   * Exponent of the growth between the two largest sizes: with 1 the cost grows
   * as the size does, with 2 as its square. Fixed costs lower it.
   */
  readonly exponent: number;
}

/** The growth that the cases show, of at least two sizes. */
export function growthOf(cases: readonly CaseReport[]): Growth[] {
  const names = new Set(cases.flatMap(({ grows }) => grows?.name ?? []));
  return [...names].flatMap((name) => {
    const rows = cases
      .filter(({ grows }) => grows?.name === name)
      .sort((a, b) => sizeOf(a) - sizeOf(b));
    const [first] = rows;
    if (first === undefined || rows.length < 2) return [];
    const sizes = rows.map(sizeOf);
    const candidates = first.candidates.flatMap((candidate) => {
      const values = rows.flatMap(
        (row) =>
          row.candidates.find((each) => each.name === candidate.name)?.p50 ??
          [],
      );
      return values.length < rows.length
        ? []
        : [{ name: candidate.name, values, exponent: last(sizes, values) }];
    });
    return [{ name, unit: first.unit ?? 'ns', sizes, candidates }];
  });
}

function sizeOf({ grows }: Pick<Case, 'grows'>): number {
  return grows?.size ?? NaN;
}

/** The exponent between the last two points. */
function last(sizes: readonly number[], values: readonly number[]): number {
  const step = (of: readonly number[]): number =>
    Math.log((of.at(-1) ?? NaN) / (of.at(-2) ?? NaN));
  return step(values) / step(sizes);
}
