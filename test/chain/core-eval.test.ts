import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { decide, type Proposal } from '../support/governance.js';
import { bootedFollower, bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts } from '../support/node.js';

/** Writes pieces of code, each with its permits; returns the proposal to evaluate them. */
async function coreEval(
  dir: string,
  name: string,
  evals: readonly (readonly [permits: string, code: string])[],
): Promise<Proposal> {
  const files: string[] = [];
  for (const [index, [permits, code]] of evals.entries()) {
    const base = join(dir, `${name}-${String(index)}`);
    await writeFile(`${base}.json`, permits);
    await writeFile(`${base}.js`, code);
    files.push(`${base}.json`, `${base}.js`);
  }
  return [
    ...['gov', 'submit-legacy-proposal', 'swingset-core-eval', ...files],
    ...['--title', name, '--description', name, '--deposit', '10ubld'],
  ];
}

/** Writes a proposal of gov v1 to evaluate code; returns it. */
async function coreEvalMessage(
  dir: string,
  node: AgdNode,
  code: string,
): Promise<Proposal> {
  const { account } = JSON.parse(
    await node.agd(
      ...['query', 'auth', 'module-account', 'gov', '--output', 'json'],
    ),
  ) as { account: { value: { address: string } } };
  const message = {
    '@type': '/agoric.swingset.MsgCoreEval',
    authority: account.value.address,
    json_permits: 'true',
    js_code: code,
  };
  const file = join(dir, 'message.json');
  const texts = { title: 'message', summary: 'message', deposit: '10ubld' };
  await writeFile(file, JSON.stringify({ ...texts, messages: [message] }));
  return ['gov', 'submit-proposal', file];
}

/** Writes a proposal to change parameters, as Agoric's clients do; returns it. */
async function paramChange(
  dir: string,
  changes: readonly (readonly [
    subspace: string,
    key: string,
    value: unknown,
  ])[],
): Promise<Proposal> {
  const file = join(dir, 'param-change.json');
  await writeFile(
    file,
    JSON.stringify({
      title: 'parameters',
      description: 'parameters',
      deposit: '10ubld',
      changes: changes.map(([subspace, key, value]) => ({
        subspace,
        key,
        value,
      })),
    }),
  );
  return ['gov', 'submit-legacy-proposal', 'param-change', file];
}

const publishes = (name: string): string =>
  `({ publish }) => publish(${JSON.stringify(name)}, 'done')`;

/** The chain's error for an invalid path. Vats read it, so it is the same in every build. */
const refusal =
  'storage: path "published.core.a b\\u00e9" contains invalid characters';

const publishesRefusal = `({ publish }) => {
  try {
    publish('a b\u00e9', 'x');
  } catch (error) {
    publish('refused', error.message);
  }
}`;

/** Makes the kernel log the output of vats. */
const env = { DEBUG: 'SwingSet:vat' };

for (const mode of modes) {
  test.serial(
    `${mode}: the kernel evaluates what governance passed; what throws disturbs nothing; parameters change; the modes agree`,
    async (t) => {
      await withTempDir(async (dir) => {
        const other = mode === 'split' ? 'in-process' : 'split';
        const home = await bootedHome(dir);
        const leader = new AgdNode({
          home,
          mode,
          ports: await nodePorts(),
          env,
        });
        let follower: AgdNode | undefined;
        try {
          follower = new AgdNode({
            home: await bootedFollower(dir, leader),
            mode: other,
            ports: await nodePorts(),
            env,
          });
          const nodes = [leader, follower];
          const proposals = [
            [
              ['{"publish":true}', publishes('permitted')],
              ['{}', publishes('forbidden')],
              ['true', publishes('all')],
              ['true', publishesRefusal],
            ],
            [
              ['true', "() => { throw Error('deliberate'); }"],
              ['true', 'this is no JavaScript'],
              ['true', "() => Promise.reject(Error('too late'))"],
              ['true', '17'],
              ['true', publishes('after')],
            ],
          ] as const;
          for (const [index, evals] of proposals.entries()) {
            const name = `proposal-${String(index + 1)}`;
            const proposal = await coreEval(dir, name, evals);
            await decide(leader, proposal, index + 1);
          }
          const queues = [{ key: 'inbound', size: 77 }];
          const change = await paramChange(dir, [
            ['swingset', 'queue_max', queues],
            ['vbank', 'allowed_monitoring_accounts', []],
          ]);
          await decide(leader, change, proposals.length + 1);
          const message = await coreEvalMessage(
            dir,
            leader,
            publishes('message'),
          );
          await decide(leader, message, proposals.length + 2);
          const last = await leader.height(leader.committed() + 2);
          for (const node of nodes) {
            await node.height(last + 1);
            for (const [name, text] of [
              ['permitted', 'done'],
              ['forbidden', ''],
              ['all', 'done'],
              ['after', 'done'],
              ['message', 'done'],
              ['refused', refusal],
            ] as const) {
              t.is(await node.vstorage(`published.core.${name}`), text, name);
            }
            const said = [...node.stdout, ...node.stderr].join('\n');
            for (const why of ['deliberate', 'too late']) {
              t.regex(said, new RegExp(`vat: v1: Error#\\d+: ${why}`));
            }
            t.regex(said, /vat: v1: SyntaxError#\d+: /);
            const params = async (module: string): Promise<unknown> =>
              JSON.parse(
                await node.agd(
                  ...['query', module, 'params', '--output', 'json'],
                ),
              );
            t.like(await params('swingset'), { params: { queue_max: queues } });
            const { params: vbank } = (await params('vbank')) as {
              params: object;
            };
            t.deepEqual(vbank, {
              per_epoch_reward_fraction: '1.000000000000000000',
              reward_smoothing_blocks: '1',
            });
          }
          t.is(await follower.appHash(last), await leader.appHash(last));
        } finally {
          await Promise.all([leader.kill(), follower?.kill()]);
        }
      });
    },
  );
}
