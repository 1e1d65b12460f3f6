/** h2load, the load generator of HTTP/2: so many requests under way at one time on each connection. */
import { program } from '../../test/harness/programs.ts';
import { generate, type LoadAsked, type LoadDone } from './load.ts';

/** Windows so large that none is ever waited for, as browsers have them. */
const windowBits = 24;

/** `url`: its host is an address, where `host` is asked for. */
export async function loadOverHttp2({
  connections,
  core,
  host,
  seconds,
  streams,
  url,
}: LoadAsked & { readonly streams: number }): Promise<LoadDone> {
  const { host: address, pathname, port } = new URL(url);
  const command = [
    program('h2load'),
    '--threads=1',
    `--clients=${connections}`,
    `--max-concurrent-streams=${streams}`,
    `--duration=${seconds}`,
    `--window-bits=${windowBits}`,
    `--connection-window-bits=${windowBits}`,
    '--npn-list=h2',
    `--connect-to=${address}`,
    `https://${host}:${port}${pathname}`,
  ];
  const { cpuMs, said } = await generate(command, { core, seconds });
  const number = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? 0);
  const requests = number(/(\d+) succeeded/);
  if (requests === 0 || !/Application protocol: h2$/m.test(said)) {
    throw new Error(`h2load had no answer over HTTP/2 from ${url}:\n${said}`);
  }
  const broken = [/(\d+) failed/, /(\d+) errored/, /(\d+) timeout/, /(\d+) 4xx/, /(\d+) 5xx/];
  return {
    requests,
    rate: number(/finished in [^,]+, ([\d.]+) req\/s/),
    errors: broken.reduce((sum, pattern) => sum + number(pattern), 0),
    cpuMs,
  };
}
