import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Starts a worker that runs a file of TypeScript beside this one
 * (`--import=tsx` does not reach workers). Resolves with the worker once it has
 * sent its first message; the caller terminates it.
 */
export async function startWorker(
  file: string,
  workerData: unknown,
): Promise<Worker> {
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const url = JSON.stringify(new URL(file, import.meta.url).href);
  const program = `import(${tsx}).then(({ register }) => { register(); return import(${url}); });`;
  const worker = new Worker(program, { eval: true, workerData });
  await once(worker, 'message');
  return worker;
}
