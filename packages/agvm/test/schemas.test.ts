import { readFileSync } from 'node:fs';

import { checkedCaller, messageOf, type Checks } from '@agd-bridge/bridge';
import test from 'ava';

import { elementsOf } from '../src/raw-json.js';
import {
  downcallChecks,
  downcallSchemas,
  upcallChecks,
  upcallSchemas,
  type MethodSchema,
} from '../src/schemas.js';

/** A line of `test/vectors/schemas.json`, which agd's tests read too. */
interface Vector {
  readonly method: string;
  readonly side: 'params' | 'result';
  readonly value?: unknown;
  /** Used instead of `value` where JSON would change it. */
  readonly text?: string;
  readonly message: string | null;
}

const vectors = JSON.parse(
  readFileSync(
    new URL('../../../test/vectors/schemas.json', import.meta.url),
    'utf8',
  ),
) as Vector[];

const schemas: Readonly<Record<string, MethodSchema>> = {
  ...downcallSchemas,
  ...upcallSchemas,
};

const checks: Checks = { ...downcallChecks, ...upcallChecks };

/** The fault of a value, as the bridge's own wrappers report it. */
function faultOf(
  method: string,
  side: 'params' | 'result',
  text: string,
): string | undefined {
  const bridge = {
    call: () => Promise.resolve('null'),
    notify: () => undefined,
    callSync: () => (side === 'result' ? text : 'null'),
  };
  const only = { [method]: { [side]: checks[method]?.[side] } };
  const params = side === 'params' ? (elementsOf(text) ?? []) : [];
  try {
    checkedCaller(bridge, only).callSync(method, params);
  } catch (error) {
    return messageOf(error).replace(`${method}: `, '');
  }
  return undefined;
}

for (const [i, vector] of vectors.entries()) {
  const { method, side, message } = vector;
  const text = vector.text ?? JSON.stringify(vector.value);
  test(`vector ${String(i)}: ${side} of ${method}: ${message ?? 'fits'}`, (t) => {
    t.is(faultOf(method, side, text) ?? null, message, text.slice(0, 200));
  });
}

test('every method has examples that fit', (t) => {
  const fitting = vectors.filter(({ message }) => message === null);
  t.deepEqual(
    [...new Set(fitting.map(({ method, side }) => `${method} ${side}`))].sort(),
    Object.keys(schemas)
      .flatMap((method) => [`${method} params`, `${method} result`])
      .sort(),
  );
});

/** Every schema and its subschemas. */
function* partsOf(schema: unknown): Generator<Record<string, unknown>> {
  if (typeof schema !== 'object' || schema === null) return;
  const node = schema as Record<string, unknown>;
  yield node;
  const { properties = {}, items, prefixItems = [] } = node;
  for (const part of [
    ...Object.values(properties as Record<string, unknown>),
    ...(prefixItems as unknown[]),
    items,
  ]) {
    yield* partsOf(part);
  }
}

const every = Object.values(schemas).flatMap(({ params, result }) => [
  ...partsOf(params),
  ...partsOf(result),
]);

test('the error messages cover every keyword of the schemas', (t) => {
  const keywords = new Set(every.flatMap((schema) => Object.keys(schema)));
  t.deepEqual(
    [...keywords].sort(),
    [
      'additionalProperties',
      'const',
      'enum',
      'items',
      'maxItems',
      'minItems',
      'minLength',
      'minimum',
      'pattern',
      'prefixItems',
      'properties',
      'required',
      'title',
      'type',
    ].sort(),
  );
});

test('a schema with more than a type has a title', (t) => {
  for (const schema of every) {
    if ('minLength' in schema || 'minimum' in schema || 'pattern' in schema) {
      t.is(typeof schema['title'], 'string', JSON.stringify(schema));
    }
  }
});

test('members are in alphabetical order, in which they are checked', (t) => {
  for (const { properties = {}, required = [] } of every) {
    const names = Object.keys(properties as object);
    t.deepEqual(names, [...names].sort());
    const needed = required as string[];
    t.deepEqual(needed, [...needed].sort());
  }
});
