import {
  downcalls,
  ports,
  upcalls,
  type DowncallRow,
  type UpcallRow,
} from '../../packages/agvm/src/messages.js';
import type { JsonSchema, Method } from './json-schema.js';

/**
 * The tables of `docs/protocol.md` with the methods, their messages and their
 * schemas.
 */

type Methods = Readonly<Record<string, Method>>;

/** Agvm → agd. */
export function downcallTable(methods: Methods): string {
  const rows = new Map<string, DowncallRow>(
    downcalls.map((row) => [row.method, row]),
  );
  return table(
    ['kernel: port', 'message', 'method', 'params', 'result'],
    Object.keys(methods)
      .filter((method) => methods[method]?.direction === 'downcall')
      .map((method) => [
        ...message(rows.get(method)),
        code(method),
        ...types(methods, method),
      ]),
  );
}

/** The kernel's port and message for a downcall. */
function message(row: DowncallRow | undefined): [string, string] {
  if (!row) return ['–', '–'];
  const name = row.name ?? '';
  const text = {
    args: code(`{"args":[…],"method":"${name}"}`),
    rest: code(`{…,"type":"${name}"}`),
    whole: 'any message',
  }[row.form];
  return [row.port, text];
}

/** Agd → agvm. */
export function upcallTable(methods: Methods): string {
  return table(
    ['method', 'kernel: action', 'block action', 'param', 'result'],
    Object.keys(methods)
      .filter((method) => methods[method]?.direction === 'upcall')
      .map((method) => {
        const row = upcalls.find((candidate) => candidate.method === method);
        return [
          code(method),
          action(row),
          row?.block ? 'yes' : 'no',
          ...types(methods, method),
        ];
      }),
  );
}

/** The kernel's action for an upcall. */
function action(row: UpcallRow | undefined): string {
  if (!row) return '–';
  const told = Object.entries(row.withPorts ? ports : {}).map(
    ([name, number]) => `,"${name}Port":${String(number)}`,
  );
  return code(`{"type":"${row.type}"${told.join('')},…}`);
}

function types(methods: Methods, method: string): [string, string] {
  const found = methods[method];
  if (!found) throw new Error(`no schemas of ${method}`);
  return [paramsText(found.params), code(typeText(found.result))];
}

function paramsText(schema: JsonSchema): string {
  const { items, prefixItems } = schema === true ? {} : schema;
  if (items) return `any number of ${code(typeText(items))}`;
  return (prefixItems ?? []).map((param) => code(typeText(param))).join(', ');
}

/**
 * Nesting depth to which objects are written out; deeper parts are in the
 * schemas.
 */
const DEPTH = 1;

/** A schema in a notation close to TypeScript's. */
function typeText(schema: JsonSchema, depth = 0): string {
  if (schema === true) return 'any';
  const { title, type = [], items, prefixItems, properties } = schema;
  if (title !== undefined) return title;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(' | ');
  if (prefixItems) {
    const elements = prefixItems.map((element, i) => {
      const text = typeText(element, depth);
      return i < (schema.minItems ?? 0) ? text : `(${text})?`;
    });
    return `[${elements.join(', ')}]`;
  }
  if (items) return `[${typeText(items, depth)}, …]`;
  if (properties && depth < DEPTH) {
    const members = Object.entries(properties).map(([name, member]) => {
      const mark = schema.required?.includes(name) ? '' : '?';
      return `${name}${mark}: ${typeText(member, depth + 1)}`;
    });
    if (schema.additionalProperties !== false) members.push('…');
    return `{${members.join(', ')}}`;
  }
  return [type].flat().join(' | ');
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function table(head: string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows].map(line).join('\n');
}
