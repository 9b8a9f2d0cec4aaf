/** Types of the parts of the kernel's untyped modules that agvm uses. */

declare module '@endo/init/pre.js';
declare module '@endo/init/unsafe-fast.js';
declare module '@agoric/cosmic-swingset/src/anylogger-agoric.js';

declare module '@agoric/cosmic-swingset/src/chain-main.js' {
  interface Powers {
    readonly env: Record<string, string | undefined>;
    readonly homedir: string;
    readonly path: typeof import('node:path');
    readonly agcc: {
      runAgCosmosDaemon(
        nodePort: number,
        fromGo: (
          port: number,
          action: string,
          replier: {
            resolve(result: string): void;
            reject(reason: string): void;
          },
        ) => void,
        args: readonly string[],
      ): void;
      send(port: number, text: string): string;
    };
  }
  export default function main(
    progname: string,
    args: readonly string[],
    powers: Powers,
  ): Promise<void>;
}

declare module '@agoric/cosmic-swingset/src/helpers/process-value.js' {
  export function makeProcessValue(from: {
    env: Record<string, string | undefined>;
    args: readonly string[];
  }): { getFlag(name: string, fallback: string): string };
}
