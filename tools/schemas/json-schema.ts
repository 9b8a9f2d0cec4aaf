import { upcalls } from '../../packages/agvm/src/messages.js';
import {
  downcallSchemas,
  upcallSchemas,
  type DowncallMethod,
  type UpcallMethod,
} from '../../packages/agvm/src/schemas.js';

/** A schema as JSON Schema, draft 2020-12. */
export type JsonSchema =
  | true
  | {
      readonly title?: string;
      readonly type?: string | readonly string[];
      readonly const?: unknown;
      readonly enum?: readonly unknown[];
      readonly properties?: Readonly<Record<string, JsonSchema>>;
      readonly required?: readonly string[];
      readonly additionalProperties?: false;
      readonly items?: JsonSchema;
      readonly prefixItems?: readonly JsonSchema[];
      readonly minItems?: number;
      readonly maxItems?: number;
    };

/** A method's entry in `go/vm/methods.json`. */
export interface Method {
  readonly direction: 'downcall' | 'upcall';
  /**
   * For an upcall: whether it is a block action. For a downcall: whether it is
   * served only during one.
   */
  readonly block: boolean;
  readonly params: JsonSchema;
  readonly result: JsonSchema;
}

/** Every method by its name, in the order of the schemas. */
export function methodsOf(): Record<string, Method> {
  const downcalls = Object.keys(downcallSchemas) as DowncallMethod[];
  const all = Object.keys(upcallSchemas) as UpcallMethod[];
  return {
    ...Object.fromEntries(downcalls.map((name) => [name, downcall(name)])),
    ...Object.fromEntries(all.map((name) => [name, upcall(name)])),
  };
}

function downcall(method: DowncallMethod): Method {
  const { params, result } = downcallSchemas[method];
  return {
    direction: 'downcall',
    block: true,
    params: jsonSchema(params),
    result: jsonSchema(result),
  };
}

function upcall(method: UpcallMethod): Method {
  const { params, result } = upcallSchemas[method];
  const action = upcalls.find((row) => row.method === method);
  return {
    direction: 'upcall',
    block: action?.block ?? false,
    params: jsonSchema(params),
    result: jsonSchema(result),
  };
}

/**
 * A typebox schema is already JSON Schema; only a schema that allows anything
 * is shortened.
 */
function jsonSchema(schema: object): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (_key, value: unknown) =>
      typeof value === 'object' && value && Object.keys(value).length === 0
        ? true
        : value,
    ),
  ) as JsonSchema;
}
