/** A bucket of access logs in a store of others, read by the AWS SDK as a person would. */
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type ParsedLine, parseLog } from './access-log-lines.ts';
import { s3StoreKey } from './s3-store.ts';

export type LogObject = {
  readonly key: string;
  readonly lines: readonly ParsedLine[];
  /** As it was unpacked. */
  readonly text: string;
};

export class LogBucket {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #read = new Map<string, LogObject>();

  constructor(url: string, bucket: string) {
    this.#bucket = bucket;
    this.#client = new S3Client({
      endpoint: url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: s3StoreKey,
      maxAttempts: 1,
    });
  }

  /** Every object of the bucket; each is fetched once. */
  async objects(): Promise<readonly LogObject[]> {
    let after: string | undefined;
    const found: LogObject[] = [];
    do {
      const list = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          ...(after === undefined ? {} : { ContinuationToken: after }),
        }),
      );
      for (const { Key } of list.Contents ?? []) {
        if (Key !== undefined) found.push(await this.#object(Key));
      }
      after = list.NextContinuationToken;
    } while (after !== undefined);
    return found;
  }

  close(): void {
    this.#client.destroy();
  }

  async #object(key: string): Promise<LogObject> {
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const got = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    const bytes = await got.Body?.transformToByteArray();
    const text = gunzipSync(bytes ?? new Uint8Array()).toString('latin1');
    const object = { key, text, lines: parseLog(text) };
    this.#read.set(key, object);
    return object;
  }
}
