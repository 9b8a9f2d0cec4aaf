// What the scripts of all pages share. It comes before them in the same element.
'use strict';
const view = (() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('data').textContent);
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
    byId(id).replaceChildren(row(head, 'th'), ...rows.map((cells) => row(cells, 'td')));
  };
  const sum = (values) => values.reduce((all, value) => all + value, 0);

  const colour = (phase) => `var(--c${phase})`;
  const legend = (id, names) =>
    byId(id).append(
      ...names.map((name, phase) =>
        make(
          'span',
          {},
          make('span', { class: 'swatch', style: `background:${colour(phase)}` }),
          name,
        ),
      ),
    );

  const most = 240;
  /** The longest of some consecutive items, at most `most`, and how many one stands for. */
  const longest = (items, timeOf) => {
    const each = Math.max(1, Math.ceil(items.length / most));
    const found = [];
    for (let at = 0; at < items.length; at += each) {
      const some = items.slice(at, at + each);
      found.push(some.reduce((a, b) => (timeOf(b) > timeOf(a) ? b : a)));
    }
    return { each, found };
  };
  /** A bar for each block, of its phases; the highest possible stands for `top` µs. */
  const plot = (id, label, bars, top, chosen) => {
    const [width, height] = [720, 160];
    const svg = make('svg', {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': label,
    });
    const step = width / bars.length;
    for (const [at, [block, times]] of bars.entries()) {
      const group = make('g', { class: 'bar' }, make('title'));
      group.firstChild.textContent = `block ${block}: ${duration(sum(times))}`;
      // A short block's bar is too small to be pointed at: its column is the target.
      group.append(
        make('rect', { x: at * step, y: 0, width: step, height, style: 'fill:transparent' }),
      );
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
      group.addEventListener('click', () => chosen(String(block)));
      svg.append(group);
    }
    byId(id).append(svg);
  };
  return { byId, data, make, digits, duration, size, table, sum, legend, longest, plot };
})();
