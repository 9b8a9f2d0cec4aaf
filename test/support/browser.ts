import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** A browser's program: `CHROMIUM`, or the first on PATH; undefined if there is none. */
export function findBrowser(env: NodeJS.ProcessEnv): string | undefined {
  const { CHROMIUM: named, PATH: path = '' } = env;
  if (named !== undefined && named !== '') return named;
  return path
    .split(delimiter)
    .flatMap((dir) => names.map((name) => join(dir, name)))
    .find((file) => existsSync(file));
}

/**
 * The reason why there is no browser; undefined if there is one. `.ci/run`
 * requires one.
 */
export function noBrowser(env: NodeJS.ProcessEnv): string | undefined {
  if (findBrowser(env) !== undefined || env['AGD_TEST_BROWSER'] === 'required')
    return undefined;
  return 'no chromium on PATH, and none named by CHROMIUM: apt-get install chromium';
}

/** The activity of a page while it was opened. */
export interface Opened {
  readonly page: Page;
  /** Errors of its scripts and of the console. */
  readonly errors: readonly string[];
  /** Requested addresses, including its own. */
  readonly requests: readonly string[];
}

/** Opens a file in a headless browser, hands it to `use`, and closes the browser. */
export async function withPage(
  file: string,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const program = findBrowser(process.env);
  if (program === undefined) throw new Error('no chromium');
  const browser = await chromium.launch({
    executablePath: program,
    // Chromium has no sandbox for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await browser.newPage({
      viewport: { width: 1000, height: 800 },
    });
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    await use({ page, errors, requests });
  } finally {
    await browser.close();
  }
}

/** The text of every cell below an element, row by row. */
export async function cellsOf(
  page: Page,
  selector: string,
): Promise<string[][]> {
  const rows = await page.locator(`${selector} tr`).all();
  return Promise.all(rows.map((row) => row.locator('th, td').allInnerTexts()));
}

/** The lowest contrast of a page's marks with its background. */
export interface Contrast {
  readonly text: number;
  /** Of lines, bars, points and swatches. */
  readonly marks: number;
}

/**
 * Measures contrasts (WCAG 2) in a colour scheme, and leaves the page in it.
 */
export async function contrastIn(
  page: Page,
  colorScheme: 'light' | 'dark',
): Promise<Contrast> {
  await page.emulateMedia({ colorScheme });
  const background = await computed(page, 'body', 'background-color');
  const least = async (
    ...styles: readonly (readonly [selector: string, property: string])[]
  ): Promise<number> => {
    const found = await Promise.all(
      styles.map(async ([selector, property]) =>
        computed(page, selector, property),
      ),
    );
    return Math.min(
      ...found.flat().map((colour) => contrast(colour, background[0] ?? '')),
    );
  };
  return {
    text: await least(
      ['h1, h2, h3, p, td, th, dt, dd, span:not(.swatch)', 'color'],
      ['svg text', 'fill'],
    ),
    marks: await least(
      ['polyline', 'stroke'],
      ['circle, rect', 'fill'],
      ['.swatch', 'background-color'],
    ),
  };
}

/** Runs in the page, whose types are not loaded here. */
declare const getComputedStyle: (element: unknown) => {
  getPropertyValue: (name: string) => string;
};

/** The different values of a style property of all elements of a selector. */
async function computed(
  page: Page,
  selector: string,
  property: string,
): Promise<string[]> {
  const values = await page
    .locator(selector)
    .evaluateAll(
      (elements, name) =>
        elements.map((each) => getComputedStyle(each).getPropertyValue(name)),
      property,
    );
  return [...new Set(values)];
}

function contrast(colour: string, background: string): number {
  const [less = 0, more = 0] = [colour, background]
    .map(luminance)
    .sort((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
}

/** The relative luminance of `rgb(r, g, b)`. */
function luminance(colour: string): number {
  const [red = NaN, green = NaN, blue = NaN] = (
    /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)?.slice(1) ?? []
  ).map((text) => {
    const share = Number(text) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
