import { join } from 'node:path';

import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';
import { root } from '../support/paths.js';
import { blocksAreTraces, exportSpans, type Span } from '../support/spans.js';

/** A message of OTLP, as proto-loader decodes it. */
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string;
        readonly value: { readonly stringValue: string };
      }[];
    };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: Buffer;
        readonly spanId: Buffer;
        readonly parentSpanId: Buffer;
        readonly name: string;
        readonly kind: number;
      }[];
    }[];
  }[];
}

/**
 * A receiver of OTLP over gRPC on loopback. `make test-otel` has a real
 * collector, which takes minutes to build. Its creator calls `end`.
 */
class Receiver {
  readonly spans: Span[] = [];
  readonly #server = new Server();

  /** Starts the receiver; resolves with its port. */
  async listen(): Promise<number> {
    const definition = loadPackageDefinition(
      loadSync(join(root, 'test', 'lifecycle', 'otlp.proto'), {
        defaults: true, // the outermost span has no parent
      }),
    ) as unknown as {
      opentelemetry: {
        proto: {
          collector: {
            trace: { v1: { TraceService: ServiceClientConstructor } };
          };
        };
      };
    };
    const { TraceService } = definition.opentelemetry.proto.collector.trace.v1;
    const receive = (
      call: { readonly request: Export },
      done: (error: null, response: object) => void,
    ): void => {
      this.#take(call.request);
      done(null, {});
    };
    this.#server.addService(TraceService.service, {
      Export: receive,
    });
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(
        '127.0.0.1:0',
        ServerCredentials.createInsecure(),
        (error, port) => {
          if (error) reject(error);
          else resolve(port);
        },
      );
    });
  }

  #take({ resourceSpans }: Export): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const named = resource.attributes.find(
        ({ key }) => key === 'service.name',
      );
      const service = named?.value.stringValue ?? '';
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({
          ...{ service, name: span.name, kind: span.kind, error: undefined },
          trace: span.traceId.toString('hex'),
          id: span.spanId.toString('hex'),
          parent: span.parentSpanId.toString('hex'),
        });
      }
    }
  }

  end(): void {
    this.#server.forceShutdown();
  }
}

for (const mode of modes) {
  test.serial(
    `a block with its phases, upcalls and downcalls is one trace of two services, ${mode}`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const receiver = new Receiver();
        const port = await receiver.listen();
        await exportSpans(home, 'otlp_grpc', port);
        const node = new AgdNode({ home, mode, ports: await nodePorts() });
        try {
          await node.height(1);
          await node.stop();
        } finally {
          await node.kill();
          receiver.end();
        }
        blocksAreTraces(t, receiver.spans);
      });
    },
  );
}
