/** The server that the acceptance list is tried on: the real program, with keys of several accounts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiCaller, type Key } from '../harness/api-caller.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';

export type Account = Key & { readonly accountId: string };

export const owner: Account = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrSECRET',
  accountId: '123456789012',
};
export const other: Account = {
  accessKeyId: 'AKIDOTHER',
  secretAccessKey: 'another-secret',
  accountId: '111122223333',
};
/** The secret of the check vectors in section 1.6. */
export const vector: Account = {
  accessKeyId: 'AKIDVECTOR',
  secretAccessKey: 'warmfront-test-secret',
  accountId: '222233334444',
};
/** Accounts that may be trusted as signers. */
const signers: readonly Account[] = ['1', '2', '3', '4', '5', '6'].map((digit) => ({
  accessKeyId: `AKIDSIGNER${digit}`,
  secretAccessKey: `secret-of-signer-${digit}`,
  accountId: digit.repeat(12),
}));
export const signerAccounts: readonly string[] = signers.map(({ accountId }) => accountId);

export class AcceptanceWorld {
  readonly server: ServerProcess;
  /** Signs as `owner`. */
  readonly api: ApiCaller;
  readonly #folder: string;
  readonly #callers: ApiCaller[];

  /** `args`: more settings of the server. */
  static async start(...args: readonly string[]): Promise<AcceptanceWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-acceptance-'));
    const credentials = join(folder, 'credentials.json');
    await writeFile(credentials, JSON.stringify([owner, other, vector, ...signers]));
    const given = ['--memory', '--credentials', credentials, ...freePorts];
    const server = await startServerProcess([...given, ...edgesOnFreePorts('a', 'b'), ...args]);
    return new AcceptanceWorld(server, folder);
  }

  private constructor(server: ServerProcess, folder: string) {
    this.server = server;
    this.#folder = folder;
    this.api = new ApiCaller(server.addresses.api, owner);
    this.#callers = [this.api];
  }

  get port(): number {
    return Number(new URL(this.server.addresses.api).port);
  }

  as(account: Account): ApiCaller {
    const caller = this.api.as(account);
    this.#callers.push(caller);
    return caller;
  }

  async stop(): Promise<void> {
    for (const caller of this.#callers) caller.close();
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
