/** One command of the checks, and the format of its output. */
export interface Suite {
  readonly name: string;
  /**
   * `make lint` runs `lint`, `make test-long` runs `long`, `make test` runs all
   * but `long`.
   */
  readonly group: 'lint' | 'go' | 'ts' | 'long';
  readonly command: readonly [string, ...string[]];
  /** Directory below the repository's root. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Leaves a CPU to another suite of this kind. */
  readonly shares?: true;
  /** `command`: the exit code is one result. */
  readonly counts: 'ava' | 'command' | 'go-json';
}

const ava = (
  name: string,
  files: string | readonly string[],
  env?: Record<string, string>,
): Suite => ({
  name,
  group: 'ts',
  command: ['npx', 'ava', ...[files].flat()],
  counts: 'ava',
  ...(env ? { env } : {}),
});

/**
 * Tests that mostly wait for processes: a fixed number of their files runs at a
 * time, for any number of CPUs.
 */
const waiting = (
  name: string,
  files: string | readonly string[],
  filesAtATime: number,
): Suite => {
  const suite = ava(name, files);
  const [file, ...args] = suite.command;
  return {
    ...suite,
    command: [file, ...args, '--concurrency', String(filesAtATime)],
  };
};

/** Tests of an agd that has the split mode alone. */
const splitAlone = (
  name: string,
  binary: string,
  files: readonly string[],
): Suite => {
  const suite = ava(name, files, { AGD_TEST_BINARY: binary });
  const [file, ...args] = suite.command;
  const titles = ['--match', 'split: *', '--match', 'without cgo: *'];
  return { ...suite, command: [file, ...args, ...titles] };
};

/** A suite on another version of Node.js than the default. */
const onNode = (
  major: number,
  name: string,
  tests: string,
  env?: Record<string, string>,
): Suite => ({
  ...ava(`${name} on Node.js ${String(major)}`, [], env),
  command: [
    'bash',
    '-c',
    `node=$(tools/node.sh ${String(major)}) && export PATH="$node/bin:$PATH" && npx ava ${tests}`,
  ],
});

/** The tests of packages that depend on Node.js itself. */
const packagesOn = (major: number, ...names: readonly string[]): Suite => {
  const tests = names.map((name) => `packages/${name}/test`).join(' ');
  return onNode(major, names.join(', '), tests);
};

const sharing = (suite: Suite): Suite => ({ ...suite, shares: true });

const long = (suite: Suite): Suite => ({ ...suite, group: 'long' });

/** `make test-addon-memory`. */
const sanitized = (
  name: string,
  files: string,
  env?: Record<string, string>,
): Suite => ({
  ...ava(name, files, env),
  command: ['npx', 'tsx', 'tools/sanitized/main.ts', files],
});

const installStaticcheck =
  'export GOBIN=$PWD/$(git rev-parse --show-cdup)build/tools && go install honnef.co/go/tools/cmd/staticcheck@v0.8.2';

const goModule = (cwd: string): readonly Suite[] => [
  {
    name: `gofmt ${cwd}`,
    group: 'lint',
    command: ['bash', '-c', 'test -z "$(gofmt -l . | tee >(cat >&2))"'],
    cwd,
    counts: 'command',
  },
  {
    name: `go vet ${cwd}`,
    group: 'lint',
    command: ['go', 'vet', './...'],
    cwd,
    counts: 'command',
  },
  {
    name: `staticcheck ${cwd}`,
    group: 'lint',
    // The gateways' generator writes calls that are now deprecated.
    command: [
      'bash',
      '-c',
      `${installStaticcheck} && { $GOBIN/staticcheck ./... | { grep -v '\\.pb\\.gw\\.go:' || true; } | tee >(cat >&2) | { ! grep -q .; }; }`,
    ],
    cwd,
    counts: 'command',
  },
];

/** `go vet` of a module's packages for the systems that this one is not. */
const vetElsewhere = (
  cwd: string,
  packages: string,
  group: 'lint' | 'long',
): Suite => ({
  name: `go vet ${cwd} for other systems${group === 'long' ? ', with the SDK' : ''}`,
  group,
  command: [
    'bash',
    '-c',
    `for target in darwin/arm64 windows/amd64 linux/arm64; do GOOS=\${target%/*} GOARCH=\${target#*/} CGO_ENABLED=0 go vet ${packages} || exit 1; done`,
  ],
  cwd,
  counts: 'command',
});

/** In execution order: cheap ones first. */
export const suites: readonly Suite[] = [
  {
    name: 'prettier',
    group: 'lint',
    command: ['npx', 'prettier', '--check', '--log-level', 'warn', '.'],
    counts: 'command',
  },
  {
    name: 'types of tests and tools',
    group: 'lint',
    command: [
      'bash',
      '-c',
      'npx tsc -b tools test packages/*/test examples/*/{test,shop}',
    ],
    counts: 'command',
  },
  {
    name: 'eslint',
    group: 'lint',
    command: ['npx', 'eslint', '.'],
    counts: 'command',
  },
  {
    name: 'cases in docs/conformance.md',
    group: 'lint',
    command: ['npx', 'tsx', 'tools/cases/main.ts', '--check'],
    counts: 'command',
  },
  {
    name: 'schemas up to date',
    group: 'lint',
    command: ['npx', 'tsx', 'tools/schemas/main.ts', '--check'],
    counts: 'command',
  },
  ...goModule('go/bridge'),
  vetElsewhere('go/bridge', './...', 'lint'),
  ...goModule('go'),
  // go vet of what imports the SDK takes minutes.
  vetElsewhere(
    'go',
    './supervisor ./jail/... ./internal/... ./contract ./cmd/internal/crash ./cmd/internal/early',
    'lint',
  ),
  {
    name: 'types of agd on other systems',
    group: 'lint',
    command: [
      'go',
      'run',
      '.',
      ...['../../go', './cmd/agd'],
      ...['darwin/arm64', 'windows/amd64', 'linux/arm64'],
    ],
    cwd: 'tools/systems',
    counts: 'command',
  },
  vetElsewhere('go', './cmd/agd', 'long'),
  {
    name: 'types of agd with the next Cosmos SDK',
    group: 'long',
    command: [
      'bash',
      '-c',
      'go build -o ../../build/tools/systems . && GOFLAGS="-modfile=go.next.mod -tags=next" ../../build/tools/systems ../../go ./cmd/agd linux/amd64',
    ],
    cwd: 'tools/systems',
    counts: 'command',
  },
  {
    name: 'go test with the next Cosmos SDK',
    group: 'long',
    command: [
      ...(['go', 'test', '-json'] as const),
      ...['-modfile=go.next.mod', '-tags=next', './app', './x/...'],
    ],
    cwd: 'go',
    counts: 'go-json',
  },
  ...goModule('examples/rules'),
  ...goModule('examples/hello'),
  ...goModule('test/upstream'),
  ...goModule('test/bench/peers'),
  ...goModule('tools/systems'),
  {
    name: 'go test go/bridge',
    group: 'go',
    // The race detector does not support position-independent code.
    command: ['go', 'test', '-race', '-buildmode=default', '-json', './...'],
    cwd: 'go/bridge',
    counts: 'go-json',
  },
  {
    name: 'go test go',
    group: 'go',
    command: ['go', 'test', '-json', './...'],
    cwd: 'go',
    counts: 'go-json',
  },
  ava('packages', 'packages/*/test/**/*.test.ts'),
  sharing(packagesOn(22, 'bridge-inproc', 'bridge-split')),
  sharing(packagesOn(26, 'bridge-inproc', 'bridge-split')),
  ava('examples', 'examples/*/test/**/*.test.ts'),
  ava('packages from their tarballs', [
    'test/packages/packages.test.ts',
    'test/packages/tags.test.ts',
  ]),
  ava('report of the benchmarks', 'test/bench/**'),
  ava('properties', 'test/properties/**'),
  ava('conformance in-process', 'test/conformance/**', {
    AGD_BRIDGE: 'in-process',
  }),
  ava('conformance split', 'test/conformance/**', { AGD_BRIDGE: 'split' }),
  ava('conformance split-shm', 'test/conformance/**', {
    AGD_BRIDGE: 'split-shm',
  }),
  ava('memory', 'test/memory/**'),
  sanitized('addon under AddressSanitizer', 'packages/bridge-inproc/test/**'),
  sanitized('conformance under AddressSanitizer', 'test/conformance/**', {
    AGD_BRIDGE: 'in-process',
  }),
  sharing(waiting('chain', 'test/chain/**', 3)),
  sharing(ava('upstream dialect', 'test/upstream/**')),
  sharing(ava('oracle', 'test/oracle/**')),
  sharing(ava('clients', 'test/clients/**')),
  sharing(ava('jail', 'test/jail/**')),
  sharing(ava('agd localnet', 'test/localnet/**')),
  ava('versions of Node.js', 'test/versions/**'),
  waiting('agd ab', 'test/ab/**', 1),
  waiting('lifecycle', 'test/lifecycle/**', 5),
  waiting('chaos', 'test/chaos/**', 3),
  long(
    splitAlone(
      'agd without cgo',
      'build/test/static/agd',
      ['test/static/**', 'test/chain/scenario.test.ts'].concat(
        ['tree', 'signals', 'death', 'hung', 'before-first-block'].map(
          (name) => `test/lifecycle/${name}.test.ts`,
        ),
      ),
    ),
  ),
  long(
    ava('packages with prebuilds', 'test/packages/published.test.ts', {
      AGD_TEST_TARBALLS: 'build/packages',
    }),
  ),
  {
    name: 'go test for linux/arm64, under qemu',
    group: 'long',
    command: ['tools/arm64/test.sh'],
    counts: 'go-json',
  },
  ...[22, 26].flatMap((major) => [
    sharing(long(packagesOn(major, 'agvm', 'jsonrpc1'))),
    ...['in-process', 'split', 'split-shm'].map((backend) =>
      long(
        onNode(major, `conformance ${backend}`, 'test/conformance', {
          AGD_BRIDGE: backend,
        }),
      ),
    ),
  ]),
];
