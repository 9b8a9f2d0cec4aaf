// The script of a trace's page: tables, a plot of the blocks, and a list of the
// frames that has only the visible rows in the document.
'use strict';
{
  const data = JSON.parse(document.getElementById('data').textContent);
  const { methods, phases, blocks, frames } = data;
  const byId = (id) => document.getElementById(id);
  const make = (name, attributes = {}, ...children) => {
    const svg = ['svg', 'rect', 'title', 'text', 'g'].includes(name);
    const node = svg
      ? document.createElementNS('http://www.w3.org/2000/svg', name)
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  };
  const digits = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  const duration = (micros) =>
    micros < 1000
      ? `${digits(micros)} µs`
      : micros < 1e6
        ? `${digits(micros / 1e3)} ms`
        : `${digits(micros / 1e6)} s`;
  const size = (bytes) =>
    bytes < 1024
      ? `${bytes} B`
      : bytes < 1048576
        ? `${digits(bytes / 1024)} KiB`
        : `${digits(bytes / 1048576)} MiB`;
  const table = (id, head, rows) => {
    const row = (cells, name) =>
      make('tr', {}, ...cells.map((cell) => make(name, {}, cell)));
    byId(id).append(row(head, 'th'), ...rows.map((cells) => row(cells, 'td')));
  };

  // The mean block, by phase.
  const colour = (phase) => `var(--c${phase})`;
  const sum = (values) => values.reduce((all, value) => all + value, 0);
  byId('legend').append(
    ...phases.map((name, phase) =>
      make(
        'span',
        {},
        make('span', { class: 'swatch', style: `background:${colour(phase)}` }),
        name,
      ),
    ),
  );
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

  // A bar for each block, or for several if there are many.
  const [width, height, most] = [720, 160, 240];
  const each = Math.max(1, Math.ceil(blocks.length / most));
  const bars = [];
  for (let at = 0; at < blocks.length; at += each) {
    const some = blocks.slice(at, at + each);
    const longest = some.reduce((a, b) => (sum(b[1]) > sum(a[1]) ? b : a));
    bars.push(longest);
  }
  const top = bars.reduce((a, [, times]) => Math.max(a, sum(times)), 1);
  const plot = make('svg', {
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': 'Time of each block by phase',
  });
  for (const [at, [block, times]] of bars.entries()) {
    const group = make('g', { class: 'bar' }, make('title'));
    group.firstChild.textContent = `block ${block}: ${duration(sum(times))}`;
    const step = width / bars.length;
    let y = height;
    for (const [phase, time] of times.entries()) {
      const part = (time / top) * (height - 10);
      y -= part;
      group.append(
        make('rect', {
          ...{ x: at * step, y, height: part },
          width: Math.min(Math.max(step * 0.85, 0.5), 40),
          style: `fill:${colour(phase)}`,
        }),
      );
    }
    group.addEventListener('click', () => choose(String(block)));
    plot.append(group);
  }
  byId('plot').append(plot);
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
