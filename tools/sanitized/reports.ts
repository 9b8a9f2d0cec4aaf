/** A line of a stack: `#1 0x7f88 in agdbridge::Handle::Open(…) ../src/handle.cc:106`. */
const frame = /^ +#\d+ 0x[0-9a-f]+ +(.*)$/;

/** Frames that do not identify the allocating code. */
const allocators =
  /^in (operator new|malloc|calloc|realloc|__interceptor_|std::)|libsanitizer|libstdc\+\+/;

/** The addon, and what the library hands out, which the addon must release. */
const ours = /agdbridge|src\/[a-z0-9]+\.cc:|_Cfunc__Cmalloc/;

/**
 * The faults of the addon in a sanitizer report: every error, and leaks of
 * blocks that the addon allocated, itself or through Node-API, or received from
 * the library.
 */
export function faults(report: string): string[] {
  return report
    .split(/\n\n+/)
    .filter((block) =>
      /^(Direct|Indirect) leak/.test(block)
        ? isOurs(block)
        : /ERROR: AddressSanitizer|runtime error:|CHECK failed/.test(block),
    );
}

/**
 * Node.js 24 does not free the thread-safe function of an environment that ends
 * while the function is in use, as in a worker thread that is terminated with
 * an open bridge. A process of the tests has a few of these; more are ours.
 */
const ENDED_ENVIRONMENTS = 10;

function isOurs(leak: string): boolean {
  const [, objects] = /in (\d+) object\(s\)/.exec(leak) ?? [];
  if (
    /^ +#1 .* in napi_create_threadsafe_function /m.test(leak) &&
    Number(objects) <= ENDED_ENVIRONMENTS
  ) {
    return false;
  }
  for (const line of leak.split('\n')) {
    const [, where] = frame.exec(line) ?? [];
    if (where === undefined) continue;
    if (ours.test(where)) return true;
    // Node-API's own objects count if the addon requested them. V8's do not,
    // although a call of the addon may have made the heap grow.
    if (!allocators.test(where) && !/\b(v8impl|napi_)/.test(where))
      return false;
  }
  return false;
}
