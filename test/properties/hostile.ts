/** Frames of about n bytes that a careless codec takes too long or too much memory for. */
export interface Hostile {
  readonly name: string;
  readonly frame: (n: number) => string | Buffer;
}

const inParams = (value: string) => `{"id":1,"method":"m","params":[${value}]}`;
const inResult = (value: string) => `{"id":1,"result":${value},"error":null}`;
const inError = (value: string) => `{"id":1,"result":null,"error":${value}}`;

/** A text repeated to n bytes. */
const fill = (text: string, n: number) =>
  text.repeat(Math.ceil(n / Buffer.byteLength(text)));

/** The same as a list: without the last comma. */
const list = (element: string, n: number) =>
  fill(`${element},`, n).slice(0, -1);

const nested = (open: string, close: string, n: number) => {
  const depth = Math.ceil(n / (open.length + close.length));
  return open.repeat(depth) + '1' + close.repeat(depth);
};

/** Values of about n bytes, in a frame or to be sent. */
export const hostileValues: readonly {
  readonly name: string;
  readonly value: (n: number) => string;
}[] = [
  { name: 'arrays never closed', value: (n) => fill('[', n) },
  { name: 'objects never closed', value: (n) => fill('{"a":', n) },
  { name: 'deep arrays', value: (n) => nested('[', ']', n) },
  { name: 'deep objects', value: (n) => nested('{"a":', '}', n) },
  { name: 'quotes', value: (n) => fill('"', n) },
  { name: 'backslashes', value: (n) => `"${fill('\\\\', n)}"` },
  { name: 'backslashes never closed', value: (n) => `"${fill('\\', n)}` },
  { name: 'escapes', value: (n) => `"${fill('\\u0000', n)}"` },
  { name: 'lone surrogate escapes', value: (n) => `"${fill('\\ud800', n)}"` },
  {
    name: 'escapes far from each other',
    value: (n) => `"${fill('\\n'.padEnd(100, 'x'), n)}"`,
  },
  { name: 'one long string', value: (n) => `"${fill('x', n)}"` },
  { name: 'a string never closed', value: (n) => `"${fill('x', n)}` },
  { name: 'a string of emoji', value: (n) => `"${fill('😀', n)}"` },
  { name: 'a control character late', value: (n) => `"${fill('x', n)}\u0001"` },
  { name: 'digits', value: (n) => fill('1', n) },
  { name: 'digits behind a dot', value: (n) => `0.${fill('0', n)}` },
  { name: 'digits of an exponent', value: (n) => `1e${fill('9', n)}` },
  { name: 'minus signs', value: (n) => fill('-', n) },
  { name: 'white space', value: (n) => `[${fill(' \t', n)}]` },
  { name: 'commas', value: (n) => `[${fill(',', n)}]` },
  { name: 'small numbers', value: (n) => `[${list('0', n)}]` },
  { name: 'empty strings', value: (n) => `[${list('""', n)}]` },
  { name: 'empty objects', value: (n) => `[${list('{}', n)}]` },
  { name: 'one name many times', value: (n) => `{${list('"a":1', n)}}` },
  {
    name: 'many names with escapes',
    value: (n) => `{${list('"\\u0061":1', n)}}`,
  },
  { name: 'a long name', value: (n) => `{"${fill('x', n)}":1}` },
  { name: 'line breaks', value: (n) => fill('\n', n) },
  {
    name: 'ends of a frame in a string',
    value: (n) => `"${fill(',\\"error\\":null}', n)}"`,
  },
  {
    name: 'ends of a frame',
    value: (n) => fill(',"error":null}', n),
  },
];

/** Frames of about n bytes. */
export const hostileFrames: readonly Hostile[] = [
  ...hostileValues.flatMap(({ name, value }): Hostile[] => [
    { name: `params: ${name}`, frame: (n) => inParams(value(n)) },
    { name: `result: ${name}`, frame: (n) => inResult(value(n)) },
    { name: `error: ${name}`, frame: (n) => inError(value(n)) },
  ]),
  ...['0', '""', '[]', '"\\n"', ' 1 '].map((element): Hostile => ({
    name: `many params ${element}`,
    frame: (n) => inParams(list(element, n)),
  })),
  {
    name: 'many messages of an error',
    frame: (n) => inError(`{${list('"message":"e"', n)}}`),
  },
  {
    name: 'many messages of an error, escaped',
    frame: (n) => inError(`{${list('"\\u006dessage":"\\n"', n)}}`),
  },
  {
    name: 'an error of many names',
    frame: (n) => {
      const members = Array.from(
        { length: n / 10 },
        (_, i) => `"${i.toString(36)}":{}`,
      );
      return inError(`{${members.join()},"message":"e"}`);
    },
  },
  {
    name: 'an id of many digits',
    frame: (n) => `{"id":${fill('1', n)},"result":1,"error":null}`,
  },
  { name: 'an id many times', frame: (n) => `{${list('"id":1', n)}}` },
  {
    name: 'a long method',
    frame: (n) => `{"id":1,"method":"${fill('\\u0000', n)}","params":[]}`,
  },
  { name: 'a long name', frame: (n) => `{"${fill('\\u0069', n)}":1}` },
  { name: 'white space in front', frame: (n) => `${fill(' ', n)}{}` },
  { name: 'white space behind', frame: (n) => `{}${fill(' ', n)}` },
  { name: 'empty lines', frame: (n) => fill('\n', n) },
  { name: 'small frames', frame: (n) => fill(`${inResult('1')}\n`, n) },
  ...['x', 'é', '€', '😀'].map((text): Hostile => ({
    name: `a bad byte behind ${text}`,
    frame: (n) => Buffer.concat([Buffer.from(fill(text, n)), Buffer.of(0xff)]),
  })),
  { name: 'continuation bytes', frame: (n) => Buffer.alloc(n, 0x80) },
];
