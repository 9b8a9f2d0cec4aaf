// The commands of a client on the home of a running node: they ask that node,
// wherever it listens.
import test from 'ava';

import { bootedHome, withTempDir } from '../support/homes.js';
import { AgdNode, modes, nodePorts, runAgd } from '../support/node.js';
import { agd } from '../support/paths.js';
import { outcomeOf } from '../support/process.js';

for (const mode of modes) {
  test.serial(
    `${mode}: clients and the doctor ask the node of their home, unless the user names another`,
    async (t) => {
      await withTempDir(async (dir) => {
        const home = await bootedHome(dir);
        const ports = await nodePorts();
        const node = new AgdNode({ home, mode, ports });
        try {
          await node.height(node.committed() + 1);
          const status = JSON.parse(await runAgd(home, ['status'])) as {
            node_info: { other: { rpc_address: string } };
          };
          t.is(
            status.node_info.other.rpc_address,
            `tcp://127.0.0.1:${String(ports.rpc)}`,
          );
          t.regex(await runAgd(home, ['query', 'bank', 'total']), /uist/);

          const { exit, stdout } = await outcomeOf(
            agd,
            ['doctor', '--home', home, '--json'],
            process.env,
          );
          t.is(exit.code, 0, stdout);
          const { checks } = JSON.parse(stdout) as {
            checks: { name: string; found: string }[];
          };
          const rpc = checks.find(({ name }) => name === 'rpc.laddr');
          t.regex(rpc?.found ?? '', /is held by this home's node/);

          const other = 'tcp://127.0.0.1:1';
          const query = ['query', 'bank', 'total', '--home', home];
          for (const [args, env] of [
            [['--node', other], {}],
            [[], { AGD_NODE: other }],
          ] as const) {
            const { exit, stderr } = await outcomeOf(agd, [...query, ...args], {
              ...process.env,
              ...env,
            });
            t.is(exit.code, 1);
            t.regex(stderr, /127\.0\.0\.1:1\b/);
          }
        } finally {
          await node.kill();
        }
      });
    },
  );
}
