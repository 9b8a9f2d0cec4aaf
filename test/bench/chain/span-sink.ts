import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/**
 * A receiver of OTLP over HTTP on loopback that drops what it gets, so that a
 * measurement has the node's cost alone. Its creator calls `end`.
 */
export class SpanSink {
  readonly #server: Server;
  /** The configuration of OpenTelemetry for a node. */
  readonly file: string;
  /** Bytes received. */
  bytes = 0;

  /** Listens on a free port; writes the configuration into a directory. */
  static async open(dir: string): Promise<SpanSink> {
    const sink = new SpanSink(join(dir, 'otel.yaml'));
    await new Promise<void>((resolve, reject) => {
      sink.#server.once('error', reject);
      sink.#server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = sink.#server.address() as AddressInfo;
    await writeFile(
      sink.file,
      `file_format: '1.0-rc.3'
resource: { attributes: [{ name: service.name, value: agd }] }
tracer_provider:
  processors:
    - batch: { exporter: { otlp_http: { endpoint: 'http://127.0.0.1:${String(port)}/v1/traces' } } }
`,
    );
    return sink;
  }

  private constructor(file: string) {
    this.file = file;
    this.#server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        this.bytes += chunk.length;
      });
      request.on('end', () => {
        // An empty ExportTraceServiceResponse.
        response.writeHead(200, { 'content-type': 'application/x-protobuf' });
        response.end();
      });
    });
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
