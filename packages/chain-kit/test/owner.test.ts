import test from 'ava';

import { lockHolder } from '../src/index.js';

const locks = `1: FLOCK  ADVISORY  WRITE 1991 fe:00:5309 0 EOF
2: POSIX  ADVISORY  READ 2001 fe:00:5310 128 128
3: FLOCK  ADVISORY  WRITE 2002 fe:00:5310 0 EOF
3: -> FLOCK  ADVISORY  WRITE 2003 fe:00:5310 0 EOF
4: FLOCK  ADVISORY  WRITE 2004 fe:00:53100 0 EOF
`;

test("a flock's holder is found by the inode, and is neither a waiting process nor one with another kind of lock", (t) => {
  t.is(lockHolder(locks, 5310), 2002);
  t.is(lockHolder(locks, 5309), 1991);
  t.is(lockHolder(locks, 53), undefined);
  t.is(lockHolder('', 5310), undefined);
});
