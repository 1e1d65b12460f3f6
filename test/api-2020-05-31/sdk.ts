/** The SDK as a client whose operations are called by name. */
import * as sdk from '@aws-sdk/client-cloudfront';
import { defaultCredential } from '../../src/api/credentials.ts';

export type Called = { readonly [name: string]: unknown };

export type SdkClient = {
  /** Rejects with the SDK's own error. */
  call(operation: string, input: object): Promise<Called>;
  close(): void;
};

export function sdkClient(endpoint: string, region = 'us-east-1'): SdkClient {
  const client = new sdk.CloudFrontClient({
    endpoint,
    region,
    credentials: defaultCredential,
    maxAttempts: 1,
  });
  return {
    async call(operation, input) {
      const command: unknown = Reflect.construct(constructorOf(operation), [input]);
      if (!isCommand(command)) throw new Error(`${operation} is no command of the SDK`);
      const answer: object = await client.send(command);
      return Object.fromEntries(Object.entries(answer).filter(([name]) => name !== '$metadata'));
    },
    close: () => client.destroy(),
  };
}

function constructorOf(operation: string): new (input: object) => unknown {
  const named: unknown = Reflect.get(sdk, `${operation}Command`);
  if (typeof named !== 'function' || !isConstructor(named)) {
    throw new Error(`the SDK has no operation ${operation}`);
  }
  return named;
}

function isConstructor(value: Function): value is new (input: object) => unknown {
  return value.prototype !== undefined;
}

/** Which one it is does not matter to `send`. */
function isCommand(value: unknown): value is sdk.GetDistributionCommand {
  return typeof value === 'object' && value !== null && 'resolveMiddleware' in value;
}
