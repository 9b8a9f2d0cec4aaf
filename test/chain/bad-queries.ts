import { bytes } from '@agd-bridge/chain-kit';

/** A query that agd must reject. */
export interface BadQuery {
  readonly name: string;
  readonly path: string;
  readonly data: Buffer;
  /** Error code in codespace `sdk`. */
  readonly code: number;
  readonly log: RegExp;
}

const badPath = (name: string, path: string, log: RegExp): BadQuery => ({
  name,
  path: '/agoric.vstorage.Query/Data',
  data: bytes(1, path),
  code: 18,
  log,
});

export const badQueries: readonly BadQuery[] = [
  badPath(
    'a path with bad characters',
    'published.b\u00e4nk',
    /path "published.b\\u00e4nk" contains invalid characters/,
  ),
  badPath('a path with a space', 'a b', /path "a b" contains invalid/),
  badPath('a path that starts with a dot', '.a', /starts with separator/),
  badPath('a path that ends with a dot', 'a.', /ends with separator/),
  badPath(
    'a path with an empty segment',
    'a..b',
    /contains doubled separators/,
  ),
  {
    name: 'children of a path with bad characters',
    path: '/agoric.vstorage.Query/Children',
    data: bytes(1, 'a/b'),
    code: 18,
    log: /path "a\/b" contains invalid characters/,
  },
  {
    name: 'bytes that are not a request',
    path: '/agoric.vstorage.Query/Data',
    data: Buffer.from('nonsense'),
    code: 18,
    log: /illegal wireType 6: invalid request/,
  },
  {
    name: 'an account that is not an address',
    path: '/cosmos.bank.v1beta1.Query/AllBalances',
    data: bytes(1, 'agoric1nobody'),
    code: 18,
    log: /bech32/,
  },
  {
    name: 'a query that does not exist',
    path: '/agoric.vstorage.Query/Frobnicate',
    data: Buffer.alloc(0),
    code: 6,
    log: /unknown query path/,
  },
];
