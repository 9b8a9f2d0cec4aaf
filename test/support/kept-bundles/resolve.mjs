/** Gives SwingSet's controller our `@endo/bundle-source`, which knows where the real one is. */
export async function resolve(specifier, context, nextResolve) {
  const resolved = await nextResolve(specifier, context);
  if (
    specifier !== '@endo/bundle-source' ||
    !context.parentURL?.includes('/swingset-vat/src/controller/')
  ) {
    return resolved;
  }
  const kept = new URL('./bundle-source.mjs', import.meta.url);
  kept.searchParams.set('real', resolved.url);
  return { ...resolved, url: kept.href };
}
