import Type, { type Static, type TSchema, type TUnsafe } from 'typebox';

/**
 * Common parts of the methods' schemas.
 *
 * A schema's `title` describes it in the messages of checks (`expected decimal
 * string`); every constraint beyond a type has one. Members of objects are in
 * alphabetical order, which is also the order of checking. Both hold for every
 * schema; a test checks this.
 */

/** Any JSON value. */
export const any = Type.Unknown();

export const text = Type.String();

export const nonEmptyText = Type.String({
  title: 'non-empty string',
  minLength: 1,
});

export const textOrNull = Type.Unsafe<string | null>({
  type: ['string', 'null'],
});

/** An amount or a count that may exceed 2^53, as the kernel writes a bigint. */
export const decimal = Type.String({
  title: 'decimal string',
  pattern: '^(0|[1-9][0-9]*)$',
});

export const natural = Type.Integer({
  title: 'non-negative integer',
  minimum: 0,
});

/** The kernel's result when there is nothing to return. */
export const nothing = Type.Null();

/** The chain's result when there is nothing to return. */
export const done = Type.Literal(true);

/** An array of exactly these elements. */
export function tuple<const T extends readonly TSchema[]>(
  ...elements: T
): TUnsafe<{ -readonly [I in keyof T]: Static<T[I]> }> {
  return Type.Unsafe({
    type: 'array',
    prefixItems: elements,
    minItems: elements.length,
    maxItems: elements.length,
  });
}

/** An object with these members and no others. */
export function exact<const T extends Record<string, TSchema>>(members: T) {
  return Type.Object(members, { additionalProperties: false });
}

/** An object with at least these members: a later version may add more. */
export function open<const T extends Record<string, TSchema>>(members: T) {
  return Type.Object(members);
}

/**
 * A key with its value. A missing value or null: the key has no value, or is
 * deleted.
 */
export const entry = Type.Unsafe<[key: string, value?: string | null]>({
  type: 'array',
  prefixItems: [nonEmptyText, textOrNull],
  minItems: 1,
  maxItems: 2,
});

/** An amount of one denomination. */
export const coin = exact({ amount: decimal, denom: nonEmptyText });

/** Common members of every block action. */
export const block = {
  blockHeight: natural,
  /** Seconds since 1970. */
  blockTime: Type.Integer(),
};
