/** An S3-compatible store of others, as a process of its own: s3rver, on a folder of the test's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export type S3Store = {
  /** URL without a slash at the end. */
  readonly url: string;
  /** `key`: as it stands in a path. The bucket must be one of those it was started with. */
  put(bucket: string, key: string, body: string): Promise<void>;
  stop(): Promise<void>;
};

/** The one key it knows; any other is refused. It does not verify what is signed with it. */
export const s3StoreKey = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } as const;

const program = join(import.meta.dirname, '../../node_modules/s3rver/bin/s3rver.js');
const startMsMax = 30_000;

export type S3StoreOptions = {
  readonly folder: string;
  readonly buckets: readonly string[];
  /** Whether the bucket stands in the path or in the host. */
  readonly addressed: 'by-path' | 'by-host';
  /** That of a store which is no more; a free one unless said. */
  readonly port?: number;
};

export async function startS3Store(options: S3StoreOptions): Promise<S3Store> {
  const { addressed, buckets, folder, port = 0 } = options;
  const byPath = ['--no-vhost-buckets', '--service-endpoint', 'store.test'];
  const child = spawn(
    process.execPath,
    [
      program,
      '--silent',
      '--directory',
      folder,
      '--address',
      '127.0.0.1',
      '--port',
      String(port),
      ...(addressed === 'by-path' ? byPath : []),
      ...buckets.flatMap((bucket) => ['--configure-bucket', bucket]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    const url = `http://127.0.0.1:${await portOf(child)}`;
    return { url, stop, put: (bucket, key, body) => put(`${url}/${bucket}/${key}`, body) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** It says where it listens once it does. */
function portOf({ stdout }: { readonly stdout: Readable }): Promise<string> {
  return new Promise((resolve, reject) => {
    const tooLate = AbortSignal.timeout(startMsMax);
    tooLate.addEventListener('abort', () => reject(new Error('the store does not start')));
    let said = '';
    stdout.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
      const port = /listening on \S+:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(port);
    });
    stdout.on('end', () => reject(new Error(`the store ended: ${said}`)));
  });
}

async function put(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
}
