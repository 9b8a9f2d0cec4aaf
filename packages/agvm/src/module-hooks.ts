import { registerHooks } from 'node:module';

/** An import of one module by another. */
export interface ImportOf {
  /** How the importing module's URL ends. */
  readonly importer: string;
  /** What that module imports, as it is written there. */
  readonly specifier: string;
}

/**
 * Puts a module in the place of an imported one, for one importer and the rest
 * of the process. Call it before the importer is loaded.
 *
 * @param replacement URL of the module; {@link realModule} finds the real one
 */
export function replaceImport(
  { importer, specifier: replaced }: ImportOf,
  replacement: string,
): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      if (specifier !== replaced || !context.parentURL?.endsWith(importer)) {
        return resolved;
      }
      const url = new URL(replacement);
      url.searchParams.set('real', resolved.url);
      return { ...resolved, url: url.href };
    },
  });
}

/**
 * Imports the module whose place another has taken.
 *
 * @param url the other module's own URL
 */
export async function realModule<T>(url: string): Promise<T> {
  const real = new URL(url).searchParams.get('real') ?? '';
  return (await import(real)) as T;
}
