import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a note to a network's directory that this process runs it; the
 * returned function removes the note. A note of a dead process is ignored.
 *
 * @throws Error if another process runs the network
 */
export function claim(dir: string): () => void {
  const file = join(dir, 'localnet.pid');
  const owner = runnerIn(file);
  if (owner !== undefined) {
    throw new Error(
      `cannot start the network in ${JSON.stringify(dir)}: process ${String(owner)} runs it: stop that first`,
    );
  }
  writeFileSync(file, `${String(process.pid)}\n`);
  return () => {
    rmSync(file, { force: true });
  };
}

function runnerIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
    const other = pid !== process.pid && command.includes('agd-localnet');
    return other ? pid : undefined;
  } catch {
    return undefined;
  }
}
