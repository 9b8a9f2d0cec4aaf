// The service as its user starts it, in both modes.
import { existsSync } from 'node:fs';

import test from 'ava';

import { Service, modes, start, type Answer } from './service.js';

const nuts = (customer: string, count = 1) => ({
  customer,
  lines: [{ sku: 'nut', count }],
});
const vices = (customer: string, count: number) => ({
  customer,
  lines: [{ sku: 'vice', count }],
});

/** Orders, in sequence, and their responses. */
const conversation: readonly (readonly [order: unknown, answer: Answer])[] = [
  [
    nuts('ann', 3),
    {
      status: 201,
      body: { accepted: true, discountPercent: 10, order: 1, total: 54 },
    },
  ],
  [
    vices('bob', 2),
    {
      status: 201,
      body: { accepted: true, discountPercent: 5, order: 2, total: 13110 },
    },
  ],
  // Errors that a rule throws because of a value from Go.
  [vices('bob', 1), { status: 422, body: { error: 'only 0 of vice left' } }],
  // Errors that Go returns to a rule.
  [nuts('zoe'), { status: 422, body: { error: 'no customer "zoe"' } }],
  [
    nuts('eve'),
    {
      status: 200,
      body: {
        accepted: false,
        discountPercent: 0,
        reason: 'Eve, please call us',
      },
    },
  ],
  // Requests that do not reach the rules.
  [
    { ...nuts('ann'), discount: 99 },
    { status: 400, body: { error: 'json: unknown field "discount"' } },
  ],
  [
    { customer: 'ann', lines: [{ sku: 'nut', count: 1, price: 0 }] },
    { status: 400, body: { error: 'json: unknown field "price"' } },
  ],
  [
    nuts('ann', 0),
    {
      status: 400,
      body: { error: 'lines[0].count: expected 1 to 1000000' },
    },
  ],
  [
    { customer: 'ann', lines: [{ sku: 'gear', count: 1 }] },
    { status: 400, body: { error: 'lines[0].sku: no product "gear"' } },
  ],
  [
    { customer: 'ann', lines: [] },
    { status: 400, body: { error: 'lines: expected 1 to 1000' } },
  ],
  ['{', { status: 400, body: { error: 'unexpected EOF' } }],
  ['{} {}', { status: 400, body: { error: 'expected one JSON value' } }],
];

for (const mode of modes) {
  test(`${mode}: orders get the answers that both modes give`, async (t) => {
    const service = await start(t, mode);
    for (const [order, answer] of conversation) {
      t.deepEqual(await service.order(order), answer, JSON.stringify(order));
    }
    t.is(await service.stock('nut'), 997);
    t.is(await service.stock('vice'), 0);
    t.is((await service.pids()).length, mode === 'split' ? 2 : 1);
  });

  test(`${mode}: the operator's own rules apply, and may take their time`, async (t) => {
    const service = await start(
      t,
      mode,
      `export default async function (order, { stock }) {
         await new Promise((resolve) => setImmediate(resolve));
         return { accepted: true, discountPercent: stock.level('vice') };
       }`,
    );
    const { body } = await service.order(nuts('anyone', 100));
    t.is(body['total'], 1960);
  });

  test(`${mode}: of many orders at a time no more are accepted than there is stock`, async (t) => {
    const service = await start(
      t,
      mode,
      `let waiting = [];
       export default async function () {
         // All of them see the same stock.
         await new Promise((resolve) => {
           waiting.push(resolve);
           if (waiting.length === 5) waiting.forEach((go) => go());
         });
         return { accepted: true, discountPercent: 0 };
       }`,
    );
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => service.order(vices('ann', 1))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    t.deepEqual(statuses, [201, 201, 409, 409, 409]);
    t.is(await service.stock('vice'), 0);
  });

  test(`${mode}: a rule's mistake is reported, and the service continues`, async (t) => {
    const service = await start(
      t,
      mode,
      `export default function ({ customer: mistake }, { stock, customer }) {
         if (mistake === 'lookup') stock.level(42);
         if (mistake === 'unknown') return customer.get('nobody');
         if (mistake === 'result') return { accepted: true, discountPercent: 101 };
         return { accepted: false, discountPercent: 0, reason: () => 'none' };
       }`,
    );
    for (const [mistake, error] of [
      ['lookup', 'stock.Level: params[0]: must be string'],
      ['unknown', 'no customer "nobody"'],
      ['result', 'result.discountPercent: must be <= 100'],
      ['function', 'result.reason: JSON cannot carry a function'],
    ] as const) {
      const answer = await service.order(nuts(mistake));
      t.deepEqual(answer, { status: 422, body: { error } });
    }
  });

  for (const [name, rules, message] of [
    ['are no JavaScript', 'export default', /cannot load \S+rules\.mjs: /],
    [
      'have no default export',
      'export const rule = 1;',
      /rules\.mjs: expected a function as the default export/,
    ],
  ] as const) {
    test(`${mode}: rules that ${name} are refused at the start`, async (t) => {
      const service = await start(t, mode, rules);
      t.deepEqual(await service.exited, { code: 1, signal: null });
      t.is(service.stderr.length, 1, service.stderr.join('\n'));
      t.regex(service.stderr.join('\n'), message);
    });
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${mode}: ${signal} ends the service cleanly, after the orders that are under way`, async (t) => {
      const service = await start(
        t,
        mode,
        `export default async function () {
           console.log('thinking');
           await new Promise((resolve) => setTimeout(resolve, 300));
           return { accepted: true, discountPercent: 0 };
         }`,
      );
      const pids = await service.pids();
      const order = service.order(nuts('ann'));
      await service.line((line) => line === 'thinking' || undefined);
      process.kill(-service.pid, signal); // the whole group, as a terminal does
      t.is((await order).status, 201);
      t.deepEqual(await service.exited, { code: 0, signal: null });
      t.deepEqual(service.stderr, []);
      for (const pid of pids) t.false(existsSync(`/proc/${String(pid)}`));
    });
  }

  test(`${mode}: options that do not exist are refused`, async (t) => {
    const refused = new Service(mode, ['--port', '1']);
    t.deepEqual(await refused.exited, { code: 1, signal: null });
    t.regex(
      refused.stderr.join('\n'),
      /^rules: flag provided but not defined: -port; usage: /,
    );
  });
}

for (const [whom, choose] of [
  ['Node alone', (pids: readonly number[]) => pids.slice(1)],
  ['both processes', (pids: readonly number[]) => pids.toReversed()],
] as const) {
  test(`split: SIGTERM at ${whom} ends the service cleanly too`, async (t) => {
    const service = await start(t, 'split');
    for (const pid of choose(await service.pids())) {
      process.kill(pid, 'SIGTERM');
    }
    t.deepEqual(await service.exited, { code: 0, signal: null });
    t.deepEqual(service.stderr, []);
  });
}

test('split: when Node.js dies the service exits, and its last line is the reason', async (t) => {
  const service = await start(
    t,
    'split',
    `export default () => new Promise(() => { console.log('thinking'); });`,
  );
  const [, node] = await service.pids();
  const order = service.order(nuts('ann'));
  await service.line((line) => line === 'thinking' || undefined);
  process.kill(node!, 'SIGKILL');
  t.deepEqual(await order, {
    status: 503,
    body: { error: 'bridge closed by the peer' },
  });
  t.deepEqual(await service.exited, { code: 1, signal: null });
  t.is(
    service.stderr.at(-1),
    'rules: the rules exited (Node.js): signal: killed',
  );
});

test('split: when the service dies Node ends, even in the middle of a rule', async (t) => {
  const service = await start(
    t,
    'split',
    `export default () => { console.log('busy'); for (;;); };`,
  );
  const order = service.order(nuts('ann')).catch(() => undefined);
  await service.line((line) => line === 'busy' || undefined);
  process.kill(service.pid, 'SIGKILL');
  // This settles at the end of the output, which Node holds too.
  t.deepEqual(await service.exited, { code: null, signal: 'SIGKILL' });
  await order;
});
