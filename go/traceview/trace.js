// The script of a trace's page: tables, a plot of the blocks, and a list of the
// frames that has only the visible rows in the document.
{
  const { byId, data, make, digits, duration, size, table, sum } = view;
  const { methods, phases, blocks, frames } = data;

  // The mean block, by phase.
  view.legend('legend', phases);
  table(
    'phases',
    ['', 'mean', 'longest', 'share'],
    phases.map((name, phase) => {
      const times = blocks.map((block) => block[1][phase]);
      const all = sum(blocks.map((block) => sum(block[1])));
      return [
        name,
        duration(sum(times) / Math.max(blocks.length, 1)),
        duration(times.reduce((a, b) => Math.max(a, b), 0)),
        `${digits((100 * sum(times)) / Math.max(all, 1))} %`,
      ];
    }),
  );

  const { each, found: bars } = view.longest(blocks, ([, times]) => sum(times));
  const top = bars.reduce((a, [, times]) => Math.max(a, sum(times)), 1);
  view.plot('plot', 'Time of each block by phase', bars, top, (block) => choose(block));
  byId('plotnote').textContent =
    each > 1
      ? `Each bar is the longest of ${each} blocks; the highest takes ${duration(top)}. Click one to see its frames.`
      : `The highest bar takes ${duration(top)}. Click one to see its frames.`;

  table(
    'methods',
    ['method', 'calls', 'total', 'mean', 'longest', 'params', 'results', 'errors'],
    data.totals.map(([method, calls, total, longest, asked, came, errors]) => [
      methods[method],
      String(calls),
      duration(total),
      duration(total / calls),
      duration(longest),
      size(asked),
      size(came),
      String(errors),
    ]),
  );
  table(
    'slowest',
    ['call', 'time', 'block', 'line'],
    data.slowest.map(([method, micros, block, line]) => [
      methods[method],
      duration(micros),
      block > 0 ? String(block) : '',
      String(line),
    ]),
  );

  // The frames: line, µs since the start, side, kind, method, depth, duration,
  // bytes, text, block.
  const rowHeight = 20;
  const list = byId('frames');
  const space = byId('space');
  const rows = byId('rows');
  let shown = frames;
  const kinds = data.kinds;
  const rowOf = (frame, at) => {
    const [line, micros, side, kind, method, depth, took, bytes, text] = frame;
    const row = make(
      'div',
      { class: 'row', style: `top:${at * rowHeight}px` },
      `${String(line).padStart(7)} ${(micros / 1e6).toFixed(6).padStart(12)}  ${'  '.repeat(depth)}`,
      `${side === 0 ? 'agd→agvm' : 'agvm→agd'} ${kinds[kind]} ${method < 0 ? '' : methods[method]}`,
      took >= 0 ? ` ${duration(took)}` : '',
      ` ${size(bytes)} `,
      make('span', { class: 'text' }, text.slice(0, 200)),
    );
    if (kinds[kind] === 'error' || kinds[kind] === 'broken') row.classList.add('fail');
    row.addEventListener('click', () => {
      byId('detail').textContent =
        `line ${line}, ${size(bytes)}${text.length < bytes ? `, the first ${text.length} characters` : ''}\n${text}`;
    });
    return row;
  };
  const draw = () => {
    const from = Math.max(0, Math.floor(list.scrollTop / rowHeight) - 10);
    const to = Math.min(shown.length, from + Math.ceil(list.clientHeight / rowHeight) + 20);
    rows.replaceChildren(
      ...shown.slice(from, to).map((frame, at) => rowOf(frame, from + at)),
    );
  };
  let due = false;
  list.addEventListener('scroll', () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      draw();
    });
  });
  const input = byId('block');
  function choose(block) {
    input.value = block;
    const wanted = Number(block);
    shown = block === '' ? frames : frames.filter((frame) => frame[9] === wanted);
    space.style.height = `${shown.length * rowHeight}px`;
    list.scrollTop = 0;
    byId('count').textContent = `${shown.length} frames`;
    draw();
    if (block !== '') list.scrollIntoView({ block: 'nearest' });
  }
  input.addEventListener('change', () => choose(input.value));
  addEventListener('resize', draw);
  choose('');
}
