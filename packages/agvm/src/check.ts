import type { Check } from '@agd-bridge/bridge';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/schema';

/**
 * Makes the check of a schema. A fault is one line, such as `[0].address:
 * expected string`, and agd reports the same line for the same value
 * (`go/vm/violation.go`). `docs/protocol.md` lists the phrases,
 * `test/vectors/schemas.json` has examples.
 */
export function makeCheck(schema: TSchema): Check {
  // Compiled at once: the kernel's import removes the evaluators.
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) return undefined;
    // Members in the schema's order, elements by their index: the first fault
    // is reported.
    const [, [violation]] = validator.Errors(value);
    return violation && describe(violation, schema, value);
  };
}

type Violation = ReturnType<ReturnType<typeof Compile>['Errors']>[1][number];

function describe(
  violation: Violation,
  schema: TSchema,
  value: unknown,
): string {
  const path = tokensOf(violation.instancePath);
  const at = tokensOf(violation.schemaPath);
  switch (violation.keyword) {
    case 'required': {
      const [name = ''] = violation.params.requiredProperties;
      return say([...path, name], 'missing');
    }
    case 'boolean': {
      // A member that `additionalProperties: false` refuses.
      const object = path.slice(0, -1);
      const known = follow(schema, [...at.slice(0, -1), 'properties']);
      const name = firstUnknown(follow(value, object), known);
      return name === undefined
        ? say(object, 'unexpected member')
        : say([...object, name], 'unexpected');
    }
    default: {
      const expected = follow(schema, at) as Described;
      const counted = ['minItems', 'maxItems'].includes(violation.keyword);
      const what = counted ? countOf(expected) : nameOf(expected);
      return say(path, `expected ${what}`);
    }
  }
}

/** The keywords that describe a schema's expectation. */
interface Described {
  readonly title?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
}

function nameOf(schema: Described): string {
  const { title, enum: values, type = [] } = schema;
  if (title !== undefined) return title;
  if ('const' in schema) return JSON.stringify(schema.const);
  return values
    ? values.map((value) => JSON.stringify(value)).join(' or ')
    : [type].flat().join(' or ');
}

function countOf({ minItems = 0, maxItems = 0 }: Described): string {
  if (minItems !== maxItems) {
    return `${String(minItems)} to ${String(maxItems)} elements`;
  }
  return `${String(minItems)} ${minItems === 1 ? 'element' : 'elements'}`;
}

/**
 * A member name that may be shown; other names can have any length and
 * characters.
 */
const simpleName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** The alphabetically first simple name of an object's unknown members. */
function firstUnknown(value: unknown, known: unknown): string | undefined {
  let first: string | undefined;
  for (const name of Object.keys(value as object)) {
    if (
      simpleName.test(name) &&
      !Object.hasOwn(known as object, name) &&
      (first === undefined || name < first)
    ) {
      first = name;
    }
  }
  return first;
}

function say(path: readonly string[], what: string): string {
  const steps = path.map((token) =>
    /^\d/.test(token) ? `[${token}]` : `.${token}`,
  );
  return path.length === 0 ? what : `${steps.join('')}: ${what}`;
}

/** The tokens of a JSON Pointer, or of one in a fragment. */
function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function follow(value: unknown, tokens: readonly string[]): unknown {
  return tokens.reduce(
    (at, token) => (at as Record<string, unknown>)[token],
    value,
  );
}
