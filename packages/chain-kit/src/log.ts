/** A log line of `--log_format json`, parsed; undefined for any other line. */
export function logEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** The message of a log entry; the line itself if it is not one. */
export function logMessage(line: string): string {
  const message = logEntry(line)?.['message'];
  return typeof message === 'string' ? message : line;
}

/** The height of the block whose commit a line reports. */
export function committedHeight(line: string): number | undefined {
  const entry = logEntry(line);
  return entry?.['message'] === 'committed state'
    ? Number(entry['height'])
    : undefined;
}

/**
 * The line in which a node reports why it ended: the last such line of its VM,
 * or else of agd (docs/lifecycle.md, "Last words").
 *
 * @param lines the end of the node's output, oldest first
 */
export function lastWords(lines: readonly string[]): string | undefined {
  return ['agvm: ', 'agd: ']
    .map((who) => lines.findLast((line) => line.startsWith(who)))
    .find((line) => line !== undefined);
}
