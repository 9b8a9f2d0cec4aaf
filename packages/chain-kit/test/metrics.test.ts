import test from 'ava';

import { callsOf, since, sumOf, totalsOf } from '../src/metrics.js';

const text = (gets: number): string => `# HELP agd_bridge_call_bytes text
agd_bridge_call_duration_seconds_bucket{direction="down",method="vstorage.Get",mode="split",le="0.1"} 9
agd_bridge_call_duration_seconds_sum{direction="down",method="vstorage.Get",mode="split"} ${String(gets / 8)}
agd_bridge_call_duration_seconds_count{direction="down",method="vstorage.Get",mode="split"} ${String(gets)}
agd_bridge_call_bytes_sum{direction="down",method="vstorage.Get",mode="split",part="request"} ${String(gets * 10)}
agd_bridge_call_bytes_sum{direction="down",method="vstorage.Get",mode="split",part="response"} ${String(gets * 5)}
agd_bridge_call_duration_seconds_sum{direction="up",method="swingset.EndBlock",mode="split"} 1e-2
agd_bridge_call_duration_seconds_count{direction="up",method="swingset.EndBlock",mode="split"} 1
cometbft_consensus_height{chain_id="agd-ab"} 12
`;

test('totals have counts, seconds and bytes of each method, requests and responses together', (t) => {
  const totals = totalsOf(text(4));
  t.deepEqual(callsOf(totals, 'down vstorage.Get'), {
    count: 4,
    seconds: 0.5,
    bytes: 60,
  });
  t.is(callsOf(totals, 'up swingset.EndBlock').seconds, 0.01);
  t.is(callsOf(totals, 'down nothing').count, 0);
  t.is(totals.size, 2);
});

test('the difference of two readings leaves out methods without calls', (t) => {
  const more = since(totalsOf(text(4)), totalsOf(text(12)));
  t.deepEqual(
    [...more],
    [['down vstorage.Get', { count: 8, seconds: 1, bytes: 120 }]],
  );
  t.deepEqual(sumOf(more, 'down'), { count: 8, seconds: 1, bytes: 120 });
  t.is(sumOf(more, 'up').count, 0);
});
