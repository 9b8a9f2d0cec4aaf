import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from '@agd-bridge/chain-kit';
import test from 'ava';

import { root } from './paths.js';
import { Process } from './process.js';
import type { Exporter, Span } from './spans.js';

/**
 * The OpenTelemetry Collector as built by `make test-otel`, because the build is
 * too large for every test run.
 */
const otelcol = join(root, 'build', 'test', 'otelcol');

/** A test that is skipped without the collector. */
export const withCollector = existsSync(otelcol)
  ? test.serial
  : test.serial.skip;

/** An attribute with a text, as OTLP's JSON has it. */
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

/** A line of the collector's file: OTLP's JSON. */
interface Line {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly kind: number;
        readonly status?: { readonly code?: number; readonly message?: string };
      }[];
    }[];
  }[];
}

/** OTLP's number of a status that is an error. */
const ERROR = 2;

/** A running collector that writes the spans to a file. */
export class Collector {
  readonly #process: Process;
  readonly #file: string;
  /** The ports of its receivers. */
  readonly ports: Readonly<Record<Exporter, number>>;

  /** Starts a collector on free ports of loopback, with its files in a directory; resolves when it receives. The caller calls {@link kill}. */
  static async start(dir: string): Promise<Collector> {
    const [grpc, http] = (await freePorts(2)) as [number, number];
    const [config, file] = [join(dir, 'otelcol.yaml'), join(dir, 'spans.json')];
    await writeFile(
      config,
      `receivers:
  otlp:
    protocols:
      grpc: { endpoint: '127.0.0.1:${String(grpc)}' }
      http: { endpoint: '127.0.0.1:${String(http)}' }
exporters:
  file: { path: '${file}' }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [file] }
`,
    );
    const collector = new Collector(
      new Process(otelcol, ['--config', config]),
      file,
      { otlp_grpc: grpc, otlp_http: http },
    );
    try {
      await collector.#process.line((line) =>
        line.includes('Everything is ready') ? true : undefined,
      );
      return collector;
    } catch (error) {
      await collector.kill();
      throw error;
    }
  }

  private constructor(
    running: Process,
    file: string,
    ports: Collector['ports'],
  ) {
    this.#process = running;
    this.#file = file;
    this.ports = ports;
  }

  /** Stops the collector; returns what it has received. */
  async spans(): Promise<Span[]> {
    this.#process.signal('SIGTERM');
    const { code } = await this.#process.exited;
    if (code !== 0) throw new Error(`the collector ended with ${String(code)}`);
    const lines = (await readFile(this.#file, 'utf8')).trim().split('\n');
    return lines
      .map((line) => JSON.parse(line) as Line)
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ resource, scopeSpans }) => {
        const service =
          resource.attributes.find(({ key }) => key === 'service.name')?.value
            .stringValue ?? '';
        return scopeSpans
          .flatMap(({ spans }) => spans)
          .map(
            ({ name, kind, traceId, spanId, parentSpanId = '', status }) => ({
              ...{ service, name, kind },
              ...{ trace: traceId, id: spanId, parent: parentSpanId },
              error:
                status?.code === ERROR ? (status.message ?? '') : undefined,
            }),
          );
      });
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }
}
