import { Type } from 'typebox';

/** What `agd ab --json` writes: the table in docs/commands.md, for programs. */

const mode = Type.Union([Type.Literal('in-process'), Type.Literal('split')]);

const closed = { additionalProperties: false };

const spread = Type.Object(
  { median: Type.Number(), low: Type.Number(), high: Type.Number() },
  closed,
);

const interval = Type.Object(
  { value: Type.Number(), low: Type.Number(), high: Type.Number() },
  closed,
);

const sample = Type.Object(
  {
    height: Type.Integer(),
    block: Type.Number(),
    begin: Type.Number(),
    end: Type.Number(),
    commit: Type.Number(),
    afterCommit: Type.Number(),
    downcallTime: Type.Number(),
    vmDowncallTime: Type.Number(),
    downcalls: Type.Integer(),
    bytes: Type.Integer(),
    calls: Type.Record(Type.String(), Type.Integer()),
    actions: Type.Integer(),
    left: Type.Integer(),
    cpu: Type.Number(),
    memory: Type.Integer(),
    processes: Type.Array(
      Type.Object(
        { name: Type.String(), cpu: Type.Number(), memory: Type.Integer() },
        closed,
      ),
    ),
  },
  closed,
);

export const reportSchema = Type.Object(
  {
    version: Type.Literal(1),
    environment: Type.Object(
      {
        date: Type.String(),
        cpu: Type.String(),
        cores: Type.Integer(),
        load: Type.Number(),
        linux: Type.String(),
        node: Type.String(),
      },
      closed,
    ),
    options: Type.Object(
      {
        blocks: Type.Integer(),
        actions: Type.Integer(),
        workload: Type.String(),
        transport: Type.String(),
        seed: Type.Integer(),
      },
      closed,
    ),
    same: Type.Object(
      {
        differences: Type.Array(Type.String()),
        published: Type.Union([Type.String(), Type.Null()]),
      },
      closed,
    ),
    actions: Type.Object(
      { least: Type.Integer(), left: Type.Integer() },
      closed,
    ),
    slipped: Type.Integer(),
    measures: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          unit: Type.String(),
          'in-process': spread,
          split: spread,
          ratio: Type.Union([interval, Type.Null()]),
        },
        closed,
      ),
    ),
    processes: Type.Array(
      Type.Object(
        {
          mode,
          name: Type.String(),
          cpu: Type.Number(),
          memory: Type.Number(),
        },
        closed,
      ),
    ),
    blocks: Type.Array(
      Type.Object({ 'in-process': sample, split: sample }, closed),
    ),
  },
  closed,
);

/** Every member's name, at any depth. */
export function membersOf(schema: object): Set<string> {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node && typeof node.properties === 'object') {
      for (const name of Object.keys(node.properties ?? {})) found.add(name);
    }
    for (const child of Object.values(node)) walk(child);
  };
  walk(schema);
  return found;
}
