// Spans of OpenTelemetry, and what those of a node must be.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

/** A span as the tests read it. */
export interface Span {
  readonly service: string;
  readonly name: string;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  /** OTLP's number: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** The message of the status error; undefined without an error. */
  readonly error: string | undefined;
}

/** An exporter of OpenTelemetry's configuration file. */
export type Exporter = 'otlp_grpc' | 'otlp_http';

/** Lets the node of a home export its spans to a port of loopback. */
export async function exportSpans(
  home: string,
  exporter: Exporter,
  port: number,
): Promise<void> {
  const path = exporter === 'otlp_http' ? '/v1/traces' : '';
  const endpoint = `http://127.0.0.1:${String(port)}${path}`;
  await writeFile(
    join(home, 'config', 'otel.yaml'),
    `file_format: '1.0-rc.3'
resource: { attributes: [{ name: service.name, value: agd }] }
tracer_provider:
  processors:
    - batch: { exporter: { ${exporter}: { endpoint: '${endpoint}' } } }
`,
  );
}

/** Returns a function for a span's ancestors, the outermost first, and the span. */
const lineIn = (spans: readonly Span[]): ((span: Span) => Span[]) => {
  const byId = new Map(spans.map((each) => [each.id, each]));
  const line = (span: Span): Span[] => {
    const parent = byId.get(span.parent);
    return [...(parent ? line(parent) : []), span];
  };
  return line;
};

/** A block with its phases, an upcall and a downcall is one trace of two services. */
export function blocksAreTraces(
  t: ExecutionContext,
  spans: readonly Span[],
): void {
  const line = lineIn(spans);
  const downcall = spans.find(
    (each) =>
      each.service === 'agd' &&
      each.name === 'vstorage.Get' &&
      line(each).some(({ name }) => name === 'EndBlock.swingset'),
  );
  const found = downcall ? line(downcall) : [];
  t.is(new Set(found.map(({ trace }) => trace)).size, 1);
  const names = found.map(({ service, name }) => `${service}: ${name}`);
  t.is(names[0], 'agd: internalFinalizeBlock');
  t.deepEqual(names.slice(-5), [
    'agd: EndBlock.swingset',
    'agd: swingset.EndBlock',
    'agvm: swingset.EndBlock',
    'agvm: vstorage.Get',
    'agd: vstorage.Get',
  ]);
  t.deepEqual(
    found.slice(-4).map(({ kind }) => kind),
    [3, 2, 3, 2],
  );
  // No span of the bridge lost its parent.
  const ids = new Set(spans.map(({ id }) => id));
  const ours = spans.filter(({ name }) =>
    /^(swingset|vstorage|vbank)\./.test(name),
  );
  t.deepEqual(
    ours
      .filter(({ parent }) => parent !== '' && !ids.has(parent))
      .map(({ name }) => name),
    [],
  );
}

/** The block action that failed has a status of its spans on both sides. */
export function failureIsAStatus(
  t: ExecutionContext,
  spans: readonly Span[],
  method: string,
  message: RegExp,
): void {
  const failed = spans.filter(
    ({ name, error }) => name === method && error !== undefined,
  );
  t.deepEqual(failed.map(({ service }) => service).sort(), ['agd', 'agvm']);
  for (const { error } of failed) t.regex(error ?? '', message);
}
