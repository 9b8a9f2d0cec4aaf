import { JsonText, LocalError } from '@agd-bridge/bridge';
import test from 'ava';

test('a text of a value is what JSON.stringify makes, with its depth', (t) => {
  const value = { a: [1, { b: 'é\ud800' }], c: null, d: undefined };
  const made = JsonText.of(value);
  t.is(made.text, JSON.stringify(value));
  t.is(String(made), made.text);
  t.is(made.depth, 3);
  t.is(JsonText.of('x').depth, 0);
});

test('a value that JSON cannot carry has no text', (t) => {
  t.throws(() => JsonText.of({ a: [() => 1] }, 'params[0]'), {
    instanceOf: LocalError,
    message: 'params[0].a[0]: JSON cannot carry a function',
  });
});

test('a valid text is kept as it is', (t) => {
  const text = ' {"a":1e400, "a":[9007199254740993]}\t';
  t.is(JsonText.parse(text).text, text);
});

test('a long text has the depth of its deepest part', (t) => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  const string = `"\\"${'['.repeat(900)}\\\\"`;
  t.is(JsonText.parse(`[{"a":${deep(700)},"a":1},${string}]`).depth, 702);
  t.true(JsonText.parse(deep(100)).depth >= 100);
});

test('what is not one JSON value, or not for one line, is refused', (t) => {
  for (const [text, message] of [
    ['{', /^text: /],
    ['1 2', /^text: /],
    ['[1,\n2]', 'text: expected no line break between tokens'],
    ['"\ud800"', 'text: expected valid UTF-8'],
    [1 as unknown as string, 'text: expected a string of JSON text'],
  ] as const) {
    t.throws(() => JsonText.parse(text), { instanceOf: LocalError, message });
  }
});
