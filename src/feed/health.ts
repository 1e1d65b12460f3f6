/** The health of an edge machine: may viewers be sent here? For load balancers, so without credentials. */
import type { RequestListener } from 'node:http';

export type EdgeHealth = {
  readonly edge: string;
  /** `detached`: no API counts this edge now; it serves its last state. `draining`: it will stop. */
  readonly status: 'ok' | 'detached' | 'draining';
  readonly position: number | undefined;
  /** Whether viewers had better be sent elsewhere. */
  readonly draining: boolean;
};

const path = '/_warmfront/health';

export function healthListener(look: () => EdgeHealth): RequestListener {
  return (request, response) => {
    const asked = (request.url ?? '').replace(/\?.*$/s, '');
    const isKnown = asked === path;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const { draining, position, ...told } = look();
    const form = isKnown
      ? { ...told, position: position ?? null }
      : { code: 'NoSuchEndpoint', message: `An edge machine answers ${path} alone.` };
    const text = `${JSON.stringify(form)}\n`;
    const status = isKnown ? (draining ? 503 : 200) : 404;
    response.writeHead(isKnown && !isRead ? 405 : status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    response.end(text);
  };
}
