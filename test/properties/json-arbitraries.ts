import fc from 'fast-check';

/** White space between tokens, mostly none. */
export const space = fc.oneof(
  { arbitrary: fc.constant(''), weight: 8 },
  fc.constantFrom(' ', '\t', '  ', ' \t '),
);

/** Texts of any code units, lone surrogates too. */
export const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['\0', '\u001f', '\u007f', '\b', '\f', '\n', '\r', '\t', '"', '\\'],
        ...['/', '\u00a0', 'é', '\u2028', '\u2029', '\ufeff', '\ufffd', '😀'],
        ...['\ud800', '\udc00', '\udfff', '\ud83d', '__proto__', 'message'],
        ...['constructor', 'null', '\\u0041', '<&>'],
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

const escapes = [
  ...['\\ud800', '\\uDC00', '\\udfff\\ud800', '\\ud83d\\ude00', '\\u0000'],
  ...['\\u2028', '\\u0041', '\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r'],
  ...['\\t', '\\u006D', '\\u000a'],
];

/** The raw text of strings: any escapes. */
export const jsonString = fc
  .array(
    fc.oneof(
      fc.constantFrom(...escapes),
      text.map((value) => JSON.stringify(value).slice(1, -1)),
    ),
    { maxLength: 4 },
  )
  .map((parts) => `"${parts.join('')}"`);

export const jsonNumber = fc.oneof(
  fc.constantFrom(
    ...['0', '-0', '1e400', '-1E+400', '0.1e-999', '9007199254740993'],
    ...['123456789012345678901234567890', '-0.0', '1.0', '1e2', '0e0'],
  ),
  fc.stringMatching(/^-?(0|[1-9]\d{0,24})(\.\d{1,9})?([eE][+-]?\d{1,4})?$/),
);

/** Values about as deep as `maxNesting` of the tests allows. */
function nested(depth: number): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.array(fc.constantFrom('[', '{"a":'), {
        minLength: depth,
        maxLength: depth + 4,
      }),
      fc.constantFrom('', '1', '"\\u0000"'),
    )
    .map(([opens, innermost]) => {
      const closes = opens.map((open) => (open === '[' ? ']' : '}')).reverse();
      const inside =
        innermost === '' && opens.at(-1) !== '[' ? '[]' : innermost;
      return opens.join('') + inside + closes.join('');
    });
}

const scalar = fc.oneof(
  fc.constantFrom('null', 'true', 'false'),
  jsonNumber,
  jsonString,
);

/** Long enough for what skips much at once: words of bytes, runs of members. */
const filler = '"a filler of 128 characters: ' + '.'.repeat(100) + '"';

/** A value among others, in a text long enough. */
function amongOthers(raw: string): string {
  return `[{"a":"b","c":-0.5e1},${raw},[1,"\\n"],{"k":${raw},"f":${filler}}]`;
}

const memberName = fc.oneof(
  jsonString,
  fc.constantFrom('"message"', '"\\u006dessage"', '"__proto__"', '"id"', '""'),
);

/** Raw texts of valid values. */
export const jsonValue = fc.letrec<{ value: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalar, weight: 10 },
    { arbitrary: tie('array'), weight: 4 },
    { arbitrary: jsonObject(tie('value')), weight: 4 },
    { arbitrary: tie('value').map(amongOthers), weight: 2 },
    { arbitrary: nested(8), weight: 1 },
  ),
  array: jsonArray(tie('value')),
})).value;

export function jsonArray(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(space, fc.array(spaced(value), { maxLength: 4 }))
    .map(([inside, elements]) => `[${inside}${elements.join()}]`);
}

export function jsonObject(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc
    .tuple(spaced(memberName), spaced(value))
    .map(([name, raw]) => `${name}:${raw}`);
  return fc
    .tuple(space, fc.array(member, { maxLength: 4 }))
    .map(([inside, members]) => `{${inside}${members.join()}}`);
}

/** With white space around it. */
export function spaced(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(space, value, space)
    .map(([before, raw, after]) => before + raw + after);
}

const broken = fc.oneof(
  fc.constantFrom(
    ...['', ' ', '01', '+1', '.5', '5.', '1e', '1e+', '-', '-x', '0x1', '1.e1'],
    ...['NaN', 'nul', 'nullx', 'True', '"', '"\\', '"\\x"', '"\\u12"', "'a'"],
    ...['"\\u12g4"', '"\u0001"', '"\n"', '"\t"', '[1,]', '[,]', '{"a":1,}'],
    ...['{"a"}', '{"a":}', '{a:1}', '{1:1}', '[', '{', ']', '}', '[}', '{]'],
    ...['1 2', '1,2', '\n1', '1\r', '[1\n]', '\u00a01', '\ufeff1', '"\ud800"'],
    ...['"a":1', '/**/1', '\0', '[[[[[[[[[[[[', '"\udc00x', 'é', '"\\😀"'],
  ),
  // A valid one with one character put in, taken out or cut off behind.
  fc
    .tuple(
      jsonValue,
      fc.nat(),
      fc.constantFrom('insert', 'delete', 'cut'),
      fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), text),
    )
    .map(([raw, nat, how, put]) => {
      const at = nat % (raw.length + 1);
      if (how === 'cut') return raw.slice(0, at);
      return (
        raw.slice(0, at) +
        (how === 'insert' ? put : '') +
        raw.slice(at + (how === 'delete' ? 1 : 0))
      );
    }),
);

/** Texts that are nearly one value. */
export const brokenValue = fc.oneof(
  { arbitrary: broken, weight: 3 },
  { arbitrary: broken.map(amongOthers), weight: 1 },
);
