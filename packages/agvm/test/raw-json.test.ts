import test from 'ava';

import { elementsOf, membersOf, objectOf } from '../src/raw-json.js';

const awkward = [
  '1e400',
  '9007199254740993',
  '-0.0',
  '"\\ud800"',
  '"a\\"b\\\\"',
  '"]},{["',
  '[1,[2,{"a":"]"}]]',
  '{"x":{"y":[]}}',
  'null',
  'true',
  '""',
  '[]',
  '{}',
];

test('elements keep their text', (t) => {
  t.deepEqual(elementsOf(`[${awkward.join(',')}]`), awkward);
  t.deepEqual(elementsOf(` [ ${awkward.join(' , ')} ] `), awkward);
  t.deepEqual(elementsOf('[]'), []);
  t.deepEqual(elementsOf('[ ]'), []);
});

test('members keep their text and their order, and names are unescaped', (t) => {
  const members = awkward.map(
    (value, i) => [`k${String(99 - i)}`, value] as [string, string],
  );
  t.deepEqual(membersOf(objectOf(members)), members);
  t.deepEqual(membersOf('{ "a\\"b" : 1 , "\\u0041":2}'), [
    ['a"b', '1'],
    ['A', '2'],
  ]);
  t.deepEqual(membersOf('{}'), []);
});

test('a value that is not an array or object has no parts', (t) => {
  for (const text of ['1', '"["', '{}', 'null', '']) {
    t.is(elementsOf(text), undefined, text);
  }
  for (const text of ['1', '"{"', '[]', 'null', '']) {
    t.is(membersOf(text), undefined, text);
  }
});

test('text that is not JSON ends the scan too', (t) => {
  for (const text of [
    '[',
    '["',
    '["\\',
    '[1',
    '[,',
    '[[',
    '[}',
    '[1 2',
    '[\u00a01',
  ]) {
    t.notThrows(() => elementsOf(text), text);
  }
});
