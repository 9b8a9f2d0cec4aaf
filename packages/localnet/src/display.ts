import { lineOf, type View } from './watch.js';

/** Shows the network's state. */
export interface Display {
  /** Shows the nodes' current state. */
  show(views: readonly View[]): void;
  /** Shows one line beside it. */
  say(text: string): void;
}

/** A display's output stream. */
export interface Output {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** One line for each node, refreshed in place; other lines scroll above. */
export class TerminalDisplay implements Display {
  readonly #out: Output;
  #lines: readonly string[] = [];

  constructor(out: Output) {
    this.#out = out;
  }

  show(views: readonly View[]): void {
    const { columns = 0 } = this.#out;
    const width = columns > 0 ? columns : 80; // some terminals report 0
    const lines = views.map((view) => lineOf(view).slice(0, width - 1));
    this.#draw('', lines);
  }

  say(text: string): void {
    this.#draw(`${text}\n`, this.#lines);
  }

  /** Moves to the first of the old lines and redraws everything below. */
  #draw(above: string, lines: readonly string[]): void {
    const old = this.#lines.length;
    // The terminal's echo of Ctrl-C may have moved the cursor to the right.
    const up = old > 0 ? `\r\x1b[${String(old)}A\x1b[J` : '';
    this.#lines = lines;
    this.#out.write(up + above + lines.map((line) => `${line}\n`).join(''));
  }
}

/** How often an unchanged line is repeated, in ms. */
const REPEAT = 30_000;

/** A line for each new height of each node, and for each other change. */
export class LineDisplay implements Display {
  readonly #out: Output;
  readonly #now: () => number;
  readonly #shown = new Map<string, { key: string; at: number }>();

  constructor(out: Output, now: () => number = () => performance.now()) {
    this.#out = out;
    this.#now = now;
  }

  show(views: readonly View[]): void {
    const now = this.#now();
    for (const view of views) {
      const { state, mode, byHand, status } = view;
      const key = [state, mode, byHand, status?.height].join(' ');
      const last = this.#shown.get(view.name);
      if (last?.key === key && now - last.at < REPEAT) continue;
      this.#shown.set(view.name, { key, at: now });
      this.#out.write(`${lineOf(view)}\n`);
    }
  }

  say(text: string): void {
    this.#out.write(`${text}\n`);
  }
}
