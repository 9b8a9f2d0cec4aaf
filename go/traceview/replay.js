// The script of a replay's page: plots and tables of the recorded and the
// replayed time of each block.
{
  const { byId, data, digits, duration, table, sum } = view;
  // A time: number of its name, calls, recorded µs, replayed µs. A block: its
  // height, the times of its phases, those of its downcalls.
  const { names, phases, blocks, totals, differ } = data;
  const [recorded, replayed] = [2, 3];
  const all = (times, which) => sum(times.map((time) => time[which]));
  const ratio = (a, b) => (b > 0 ? digits(a / b) : '');
  const heads = ['calls', 'recorded', 'replayed', 'replayed ÷ recorded'];
  const cells = ([name, calls, a, b]) => [
    ...[names[name], String(calls), duration(a), duration(b), ratio(b, a)],
  ];

  view.legend('legend', phases.map((name) => names[name]));
  const longer = ([, times]) => Math.max(all(times, recorded), all(times, replayed));
  const { each, found: bars } = view.longest(blocks, longer);
  const top = bars.reduce((a, bar) => Math.max(a, longer(bar)), 1);
  for (const [id, which] of [
    ['recorded', recorded],
    ['replayed', replayed],
  ]) {
    const values = bars.map(([height, times]) => [
      height,
      phases.map((phase) => all(times.filter(([name]) => name === phase), which)),
    ]);
    view.plot(id, `Time of each block by phase, ${id}`, values, top, choose);
  }
  byId('plotnote').textContent =
    `Both plots have one scale. ${each > 1 ? `Each bar is the longest of ${each} blocks; the` : 'The'} highest takes ${duration(top)}. Click one to see its times.`;

  const means = ['mean recorded', 'mean replayed', 'longest recorded', 'longest replayed'];
  for (const [id, some] of Object.entries(totals)) {
    table(
      id,
      ['', ...heads, ...means],
      some.map(([name, calls, a, b, longestA, longestB]) => [
        ...cells([name, calls, a, b]),
        ...[duration(a / calls), duration(b / calls)],
        ...[duration(longestA), duration(longestB)],
      ]),
    );
  }
  table(
    'differ',
    ['block', 'recorded', 'replayed', 'replayed ÷ recorded'],
    differ.map(([height, a, b]) => [String(height), duration(a), duration(b), ratio(b, a)]),
  );

  const input = byId('block');
  function choose(block) {
    input.value = block;
    const found = block === '' ? [] : blocks.filter(([height]) => height === Number(block));
    table(
      'ofblock',
      ['', ...heads],
      found.flatMap(([, of, downcalls]) => [...of, ...downcalls].map(cells)),
    );
    byId('count').textContent =
      block === '' || found.length > 0 ? '' : `The page has no block ${block}.`;
  }
  input.addEventListener('change', () => choose(input.value));
  const first = differ[0] ?? blocks[0];
  choose(first === undefined ? '' : String(first[0]));
}
