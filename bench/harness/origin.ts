/**
 * The origin of a benchmark: bodies of random letters that may be kept for a day, each under
 * its size, and under every path below it.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';

export type BenchOrigin = {
  readonly port: number;
  /** How many requests came so far. */
  requests(): number;
};

/** Random, so that nothing on the way can profit from compressing or comparing. */
export async function withOrigin<T>(
  sizes: readonly number[],
  use: (origin: BenchOrigin) => Promise<T>,
): Promise<T> {
  const bodies = new Map(
    sizes.map((bytes) => [`/${bytes}`, randomBytes(bytes).toString('hex').slice(0, bytes)]),
  );
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const body = bodies.get(/^\/\d+/.exec(request.url ?? '')?.[0] ?? '');
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': body.length,
      'cache-control': 'public, max-age=86400',
      etag: `"${body.length}"`,
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await use({ port: portOf(server), requests: () => requests });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on a port');
  return address.port;
}
