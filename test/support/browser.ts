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

/** Why there is nothing to open pages with; undefined if there is. `.ci/run` requires one. */
export function noBrowser(env: NodeJS.ProcessEnv): string | undefined {
  if (findBrowser(env) !== undefined || env['AGD_TEST_BROWSER'] === 'required')
    return undefined;
  return 'no chromium on PATH, and none named by CHROMIUM: apt-get install chromium';
}

/** What a page did when it was opened. */
export interface Opened {
  readonly page: Page;
  /** Errors of its scripts and of the console. */
  readonly errors: readonly string[];
  /** Addresses that it asked for, its own among them. */
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
