/** Raw HTTP over a socket: exactly these bytes out, and one whole answer back. */
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

const answerMsMax = 10_000;

/**
 * Sends `request` and resolves with the first answer as it came, once it is whole by its
 * Content-Length, or by the end of the connection. `headOnly`: the answer has no body.
 */
export function exchangeRaw(
  port: number,
  request: string | Uint8Array,
  { headOnly = false }: { readonly headOnly?: boolean } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => {
      finish(() => reject(new Error(`no whole answer, but: ${Buffer.concat(pieces).toString()}`)));
    }, answerMsMax);
    socket.on('connect', () => socket.write(request));
    socket.on('data', (piece) => {
      pieces.push(piece);
      const text = Buffer.concat(pieces).toString();
      if (isWhole(text, headOnly)) finish(() => resolve(text));
    });
    socket.on('end', () => finish(() => resolve(Buffer.concat(pieces).toString())));
    socket.on('error', (error) => finish(() => reject(error)));
  });
}

/**
 * Sends `head` and then `piece` over and over, `times` at most, until an answer has come: it, and the most
 * memory that the process had meanwhile, in bytes.
 */
export async function streamRaw(
  port: number,
  head: Uint8Array,
  piece: Uint8Array,
  times: number,
): Promise<{ readonly answer: string; readonly rssMax: number }> {
  const socket = await openSocket(port);
  let answer = '';
  let rssMax = 0;
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve();
    };
    socket.on('data', (bytes) => {
      answer += bytes.toString();
      if (isWhole(answer, false)) end();
    });
    socket.on('close', end);
    socket.on('error', () => undefined);
  });
  socket.write(head);
  for (let count = 0; count < times && !isOver; count += 1) {
    const drained = new Promise<void>((resolve) => {
      if (socket.write(piece, () => resolve())) resolve();
    });
    await Promise.race([drained, over]);
    // Lets the other side, in this process, read.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    rssMax = Math.max(rssMax, process.memoryUsage().rss);
  }
  const timer = setTimeout(() => socket.destroy(), answerMsMax);
  await over;
  clearTimeout(timer);
  socket.destroy();
  return { answer, rssMax };
}

export function openSocket(
  port: number,
  options: Pick<TcpNetConnectOpts, 'allowHalfOpen' | 'localAddress'> = {},
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...options });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function isWhole(text: string, headOnly: boolean): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const head = text.slice(0, headEnd);
  // An interim answer is followed by the real one.
  if (/^HTTP\/1\.1 1\d\d /.test(head)) return isWhole(text.slice(headEnd + 4), headOnly);
  if (headOnly || /^HTTP\/1\.1 (?:204|304) /.test(head)) return true;
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length === undefined) return false;
  return Buffer.byteLength(text.slice(headEnd + 4)) >= Number(length);
}
