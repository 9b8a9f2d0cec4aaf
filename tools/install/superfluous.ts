/** Where npm compiles Agoric's worker: the program and the directories above it. */
const worker =
  /^xsnap-native\/(?!xsnap(\/build(\/bin(\/lin(\/release(\/xsnap-worker)?)?)?)?)?$)/;

/** Parts of a package, each as a pattern of names in it, that nothing uses at run time. */
const rules: readonly {
  /** The package; all packages if undefined. */
  readonly of?: string | RegExp;
  readonly names: RegExp;
}[] = [
  // For compilers, debuggers and readers of the sources.
  { names: /\.(map|tsbuildinfo|flow)$|\.[cm]?ts$/ },
  // Sources and intermediate files of programs that are compiled.
  { names: /\.(o|a|c|cc|cpp|h|hpp|go|gyp|gypi|mk|mak|proto|sum)$/ },
  { names: /(^|\/)\.(github|vscode|deps)(\/|$)/ },
  {
    names:
      /(^|\/)(CHANGELOG|HISTORY|SECURITY|CONTRIBUTING|MAINTAINERS)(\.md)?$/i,
  },
  { names: /^(tests?|__tests__|bench(marks?)?|coverage|docs?)(\/|$)/ },
  { names: /\.(log|jpg|png|svg)$/ },
  { of: '@agoric/xsnap', names: /^moddable(\/|$)/ },
  { of: '@agoric/xsnap', names: worker },
  // Copies in other forms: for browsers, bundlers and other engines.
  { of: 'amaro', names: /^lib(\/|$)/ },
  { of: 'protobufjs', names: /^dist(\/|$)/ },
  { of: 'ses', names: /^dist\/.*\.umd\b/ },
  { of: /^@opentelemetry\//, names: /^build\/(esm|esnext)(\/|$)/ },
  { of: 'better-sqlite3', names: /^(build|deps|src)(\/|$)/ },
];

/** Prebuilt addons, as better-sqlite3 and node-gyp-build name them. */
const prebuilt = /^prebuilds\/(\w+)-([\w+]+)(?:[./].*)?$/;

/**
 * Reports whether a file or directory of an installed package serves no program
 * that agd starts.
 *
 * @param name the package's
 * @param part its path in the package
 */
export function isSuperfluous(
  name: string,
  part: string,
  { arch }: { readonly arch: string },
): boolean {
  const [, system, cpu] = prebuilt.exec(part) ?? [];
  if (system !== undefined) {
    return system !== 'linux' || cpu !== arch || part.includes('/electron.');
  }
  return rules.some(
    ({ of, names }) =>
      (of instanceof RegExp ? of.test(name) : [undefined, name].includes(of)) &&
      names.test(part),
  );
}
