import fc from 'fast-check';

import {
  brokenValue,
  jsonArray,
  jsonNumber,
  jsonObject,
  jsonString,
  jsonValue,
  space,
  spaced,
  text,
} from './json-arbitraries.js';
import { toBase64, type EncodeRequest } from './wire.js';

/** Limits that generated messages meet and miss. */
export const limits = fc.record({
  maxFrameBytes: fc.oneof(
    { arbitrary: fc.constant(1 << 16), weight: 19 },
    { arbitrary: fc.integer({ min: 0, max: 300 }), weight: 1 },
  ),
  maxNesting: fc.oneof(
    { arbitrary: fc.constant(12), weight: 9 },
    { arbitrary: fc.integer({ min: 0, max: 11 }), weight: 1 },
  ),
});

const id = fc.oneof(
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1),
  fc.maxSafeNat(),
);

const nothing = { method: null, params: null, result: null, error: null };

/** Messages to encode; some that must be refused. */
export const encodeRequest: fc.Arbitrary<EncodeRequest> = fc
  .record({
    limits,
    id,
    kind: fc.constantFrom('request', 'notification', 'result', 'error'),
    text,
    values: fc.array(
      fc.oneof(
        { arbitrary: spaced(jsonValue), weight: 9 },
        { arbitrary: brokenValue, weight: 1 },
      ),
      { maxLength: 4 },
    ),
  })
  .map(({ limits, id, kind, text, values: [first = 'null', ...others] }) => {
    const result = toBase64(kind === 'result' ? first : 'null');
    const error = kind === 'error' ? toBase64(text) : null;
    const call = {
      ...nothing,
      method: toBase64(text),
      params: others.length === 0 ? null : others.map(toBase64),
    };
    const message =
      kind === 'request'
        ? { ...call, kind, id }
        : kind === 'notification'
          ? { ...call, kind, id: 0 }
          : { ...nothing, kind: 'response' as const, id, result, error };
    return { op: 'encode', limits: { ...limits, stream: 'to peer' }, message };
  });

/** One member of a frame: raw texts of its name and of its value. */
type Member = readonly [name: string, value: string];

/** A member as a reader takes it: with any white space, sometimes with an escape in its name. */
function member(
  plain: string,
  escaped: string,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<Member> {
  const name = fc.oneof(
    { arbitrary: fc.constant(plain), weight: 15 },
    { arbitrary: fc.constant(escaped), weight: 1 },
  );
  return fc.tuple(spaced(name), spaced(value));
}

const NULL = fc.constant('null');

const errorObject = fc
  .tuple(
    jsonObject(fc.oneof(jsonString, jsonValue)),
    spaced(jsonString),
    spaced(jsonObject(jsonValue)),
  )
  .map(([object, message, last]) =>
    object.replace(
      /\}$/,
      `${/^\{[ \t]*\}$/.test(object) ? '' : ','}"message":${message},"":${last}}`,
    ),
  );

const memberId = (value: fc.Arbitrary<string>) =>
  member('"id"', '"\\u0069d"', value);
const memberMethod = member('"method"', '"m\\u0065thod"', jsonString);
const memberParams = member('"params"', '"para\\u006Ds"', jsonArray(jsonValue));
const memberResult = (value: fc.Arbitrary<string>) =>
  member('"result"', '"resul\\u0074"', value);
const memberError = (value: fc.Arbitrary<string>) =>
  member('"error"', '"err\\u006fr"', value);

const someId = id.map(String);

/** The members of frames that keep the rules. */
const goodMembers: fc.Arbitrary<readonly Member[]> = fc.oneof(
  fc.tuple(memberId(fc.oneof(someId, NULL)), memberMethod, memberParams),
  fc.tuple(memberId(someId), memberResult(jsonValue), memberError(NULL)),
  fc.tuple(
    memberId(someId),
    memberResult(NULL),
    memberError(fc.oneof(jsonString, errorObject)),
  ),
);

/** Values that some member may not have. */
const otherValue = fc.oneof(
  brokenValue,
  brokenValue,
  jsonValue,
  jsonNumber,
  jsonObject(jsonValue),
  fc.constantFrom('null', '9007199254740992', '01', '1.0', '"1"', '[]', '1e1'),
);

const oddMember: fc.Arbitrary<Member> = fc.oneof(
  fc.constantFrom<Member>(
    ...([
      ['"jsonrpc"', '"2.0"'],
      ['"ID"', '1'],
      ['"__proto__"', '1'],
      ['""', '1'],
      ['id', '1'],
      ['"\\ud800"', '1'],
      ['\n"id"', '1'],
    ] as const),
  ),
  memberId(fc.oneof(someId, NULL)),
  memberMethod,
  memberParams,
  memberResult(jsonValue),
  memberError(fc.oneof(NULL, jsonString)),
);

/** What is wrong with a frame. */
type Defect =
  | { readonly how: 'nothing' }
  | { readonly how: 'missing'; readonly at: number }
  | { readonly how: 'value'; readonly at: number; readonly value: string }
  | { readonly how: 'member'; readonly at: number; readonly member: Member }
  | { readonly how: 'comma' | 'colon'; readonly put: string }
  | { readonly how: 'before' | 'after'; readonly put: string };

const at = fc.nat({ max: 3 });
const defect: fc.Arbitrary<Defect> = fc.oneof(
  { arbitrary: fc.constant({ how: 'nothing' as const }), weight: 8 },
  {
    arbitrary: fc.record({
      how: fc.constant('value' as const),
      at,
      value: otherValue,
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      how: fc.constant('member' as const),
      at,
      member: oddMember,
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ how: fc.constant('missing' as const), at }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      how: fc.constantFrom('comma', 'colon', 'before', 'after'),
      put: fc.constantFrom(
        ...[
          '',
          ',',
          ':',
          ',,',
          '\r',
          '\n',
          ' x',
          '}',
          '{',
          '{}',
          '\0',
          '\ufeff',
        ],
      ),
    }),
    weight: 1,
  },
);

/** Frames that keep the rules. */
export const goodFrame = frame(fc.constant({ how: 'nothing' }));

/** Frames that keep the rules, and frames that nearly do. */
export const nearFrame = frame(defect);

function frame(defect: fc.Arbitrary<Defect>): fc.Arbitrary<string> {
  return fc
    .tuple(goodMembers, fc.boolean(), fc.nat({ max: 2 }), defect, space, space)
    .map(([good, inOrder, first, wrong, before, inside]) => {
      const members = [...good];
      // Not in our writers' order: one of them comes first.
      if (!inOrder) members.unshift(...members.splice(first, 1));
      if (wrong.how === 'missing') members.splice(wrong.at, 1);
      if (wrong.how === 'member') members.splice(wrong.at, 0, wrong.member);
      if (wrong.how === 'value') {
        const [name] = members[wrong.at] ?? ['""'];
        members[wrong.at] = [name, wrong.value];
      }
      const put = (how: Defect['how'], otherwise: string) =>
        wrong.how === how && 'put' in wrong ? wrong.put : otherwise;
      const texts = members.map((pair) => pair.join(put('colon', ':')));
      return `${before}${put('before', '')}{${inside}${texts.join(put('comma', ','))}}${put('after', '')}`;
    });
}
