/** A viewer: asks an edge for an object of a distribution, by the distribution's own name. */
import { type IncomingHttpHeaders, request } from 'node:http';

export type Seen = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

const answerMsMax = 10_000;

/** `edge`: an http URL without a slash at the end. */
export function view(edge: string, host: string, path: string): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const sent = request(`${edge}${path}`, {
      headers: { host },
      agent: false,
      signal: AbortSignal.timeout(answerMsMax),
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces).toString('utf8'),
        });
      });
    });
    sent.end();
  });
}
