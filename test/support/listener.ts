import { createServer } from 'node:net';

/** Runs `use` while this process listens at a port of loopback. */
export async function withListener(
  port: number,
  use: () => Promise<void>,
): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  try {
    await use();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
