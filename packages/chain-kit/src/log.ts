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
 * The lines in which a node reports why it ended, as one line; undefined if it
 * reports nothing (docs/lifecycle.md, "Last words").
 *
 * In split mode agd repeats the last lines of the VM's standard error, whatever
 * they are about. They explain the end only if the VM exited by itself or
 * aborted: a killed VM has written nothing.
 *
 * @param lines the end of the node's output, oldest first
 */
export function lastWords(lines: readonly string[]): string | undefined {
  const end = lines.findLastIndex((line) => line.startsWith(AGD));
  const said = lines.slice(0, end < 0 ? lines.length : end);
  const vm = said.findLast(
    (line) => line.startsWith(AGVM) && !STACK.test(line.slice(AGVM.length)),
  );
  const agd = lines[end];
  if (agd === undefined) {
    return vm ?? lines.find((line) => CRASH.test(line));
  }
  return vm !== undefined && VM_EXPLAINS.test(agd) ? `${agd}; ${vm}` : agd;
}

const AGD = 'agd: ';
const AGVM = 'agvm: ';

/**
 * agd's report of a VM that ended and was not killed. In-process, where there
 * is no VM's status, only agvm itself writes lines with its name.
 */
const VM_EXPLAINS =
  /^agd: the VM ended: (?!.*\(VM: (?!exit status |signal: aborted))/;

/** Lines of a stack trace, of JavaScript or C++, and the brackets around it. */
const STACK = /^\s*(at .+|\d+: 0x.*|-{3,}.*|[{}\])]*)$/;

/** The first line that a runtime writes when it crashes. */
const CRASH = /^(panic: |fatal error: |FATAL ERROR: )/;
