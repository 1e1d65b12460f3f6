/**
 * An API that a test writes by hand: answers from a list of rules, so that a client meets what a
 * real server would hardly do on demand.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

export type Given =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection is closed without an answer. */
  | 'broken'
  /** No answer ever. */
  | 'silent';

export type FakeApi = { readonly url: string; readonly asked: readonly Asked[] };

/** `answer` is asked once for each request; closed after the test. */
export async function fakeApi(t: TestContext, answer: (asked: Asked) => Given): Promise<FakeApi> {
  const asked: Asked[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers, method = '', url = '' } = request;
    const one = { method, path: url, headers, body: await readBody(request) };
    asked.push(one);
    give(answer(one), request, response);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(toError(error)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

function give(given: Given, request: IncomingMessage, response: ServerResponse): void {
  if (given === 'broken') {
    request.socket.destroy();
  } else if (given !== 'silent') {
    response.writeHead(given.status, given.headers);
    response.end(given.body);
  }
}

/** The answer that refuses, in the API's own form. */
export function refusal(status: number, code: string, message = 'No.'): Given {
  const body = `<?xml version="1.0"?>\n<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>id-1</RequestId></ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
