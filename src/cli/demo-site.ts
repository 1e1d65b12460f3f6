/** The sample site of the demo: a small origin of its own, which counts how often it is asked. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type DemoSite = {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Requests so far. */
  asked(): number;
  close(): Promise<void>;
};

export async function openDemoSite(): Promise<DemoSite> {
  let asked = 0;
  const server = createServer((request, answer) => {
    asked += 1;
    request.resume();
    const isPage = request.url === '/';
    const body = isPage ? page : 'There is only one page here.\n';
    answer.writeHead(isPage ? 200 : 404, {
      'content-type': isPage ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'public, max-age=300',
      etag: '"postcard-1"',
    });
    answer.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the site has no address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>A postcard</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f3ece1; }
  main { max-width: 26rem; padding: 2.5rem; background: #fffdf8; border: 1px solid #d9cbb2;
         box-shadow: 0 1px 8px #0002; font: 1.1rem/1.5 Georgia, serif; color: #3a3128; }
  h1 { margin: 0 0 .5em; font-size: 1.6rem; color: #b4512d; }
</style>
<main>
  <h1>Greetings from the origin</h1>
  <p>You are reading a copy. It was fetched once, and is kept warm at an edge near you.</p>
</main>
</html>
`;
