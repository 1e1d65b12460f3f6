/**
 * Varnish as a peer, set for hits from memory: one pool of threads that are there from the start, no
 * grace, no gzip of its own, and a log in shared memory with only what Varnish itself needs of it.
 * Its two processes count together.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from '../../test/harness/programs.ts';
import { freePort, untilListening } from './listening.ts';
import { processTree } from './machine.ts';
import { withFolder } from './served.ts';

export type Varnish = {
  /** Of the manager. */
  readonly pid: number;
  readonly url: string;
  processes(): readonly number[];
};

/** It tells how it is at every start; only its last words matter, and only if it fails. */
const saidCharactersMax = 10_000;

const parameters = [
  'thread_pools=1',
  'thread_pool_min=100',
  'thread_pool_max=1000',
  'http_gzip_support=off',
  'timeout_idle=600',
  'backend_idle_timeout=600',
  'listen_depth=4096',
  'vsl_mask=-VCL_call,-VCL_return,-ReqHeader,-RespHeader,-ReqMethod,-ReqURL,-ReqProtocol,-RespProtocol,-RespStatus,-Timestamp,-Debug',
];

export function withVarnish<T>(
  originPort: number,
  use: (varnish: Varnish) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const port = await freePort();
    const file = join(folder, 'default.vcl');
    await writeFile(file, configuration(originPort));
    // Without a jail, since its user could not enter the folder.
    const where = ['-F', '-j', 'none', '-n', join(folder, 'state'), '-a', `127.0.0.1:${port}`];
    const how = ['-f', file, '-s', 'malloc,1g', ...parameters.flatMap((one) => ['-p', one])];
    const child = spawn(program('varnishd'), [...where, ...how], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'exit');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-saidCharactersMax);
    });
    try {
      const { pid } = child;
      if (pid === undefined) throw new Error('varnishd does not start');
      await untilListening('varnishd', port, child, () => said);
      return await use({
        pid,
        url: `http://127.0.0.1:${port}`,
        processes: () => processTree(pid),
      });
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });
}

function configuration(originPort: number): string {
  return `
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${originPort}"; .max_connections = 512; }
sub vcl_backend_response { set beresp.grace = 0s; }
sub vcl_deliver {
  if (obj.hits > 0) { set resp.http.X-Cache = "Hit"; } else { set resp.http.X-Cache = "Miss"; }
}
`;
}
