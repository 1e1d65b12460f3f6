/** Functions (API 2020-05-31, section 4.8). */
import type { Context, Handlers } from '../handler.ts';
import { arnOf } from '../../../model/arn.ts';
import { checkIfMatch, type LastChange } from '../../../model/decision.ts';
import type { AccountId } from '../../../model/ids.ts';
import { Refusal } from '../../../model/refusal.ts';
import {
  type FunctionConfig,
  type FunctionContent,
  keyValueStoreArn,
  storeOfArn,
} from '../../../model/resources/function.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import { pageOf, pageOfStages } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { locationOf } from './resource-answers.ts';
import { readTags } from './tags.ts';

const kind = 'function';

type Stage = Wire.FunctionStage;

export const functionHandlers = {
  async CreateFunction(input, { account, control, publicEndpoint }) {
    const config = readFunction(input.Name, input.FunctionConfig, input.FunctionCode);
    const made = await control.createResource(account, kind, config, readTags(input.Tags));
    return {
      FunctionSummary: await write(made, 'DEVELOPMENT', control),
      ETag: made.etag,
      Location: locationOf(publicEndpoint, made),
    };
  },
  async DescribeFunction({ Name, Stage: stage = 'DEVELOPMENT' }, { account, control }) {
    const found = await control.findResource(account, kind, Name);
    const { etag } = stageOf(found, stage);
    return { FunctionSummary: await write(found, stage, control), ETag: etag };
  },
  async GetFunction({ Name, Stage: stage = 'DEVELOPMENT' }, { account, control }) {
    const { code, etag } = stageOf(await control.findResource(account, kind, Name), stage);
    return {
      FunctionCode: Buffer.from(code, 'base64'),
      ETag: etag,
      ContentType: 'application/octet-stream',
    };
  },
  async UpdateFunction(input, { account, control }) {
    const config = readFunction(input.Name, input.FunctionConfig, input.FunctionCode);
    const target = { account, kind, id: input.Name, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, config);
    const FunctionSummary = await write(replaced, 'DEVELOPMENT', control);
    return { FunctionSummary, ETag: replaced.etag };
  },
  async PublishFunction({ IfMatch, Name }, { account, control }) {
    const published = await control.publish({ account, kind, id: Name, ifMatch: IfMatch });
    return { FunctionSummary: await write(published, 'LIVE', control) };
  },
  async TestFunction({ IfMatch, Name, Stage: stage = 'DEVELOPMENT' }, { account, control }) {
    checkIfMatch(IfMatch, stageOf(await control.findResource(account, kind, Name), stage));
    const why = 'functions are kept and published, and no edge runs them yet.';
    throw new Refusal('UnsupportedOperation', { operation: 'TestFunction', why });
  },
  async DeleteFunction({ IfMatch, Name }, { account, control }) {
    await control.deleteResource({ account, kind, id: Name, ifMatch: IfMatch });
    return {};
  },
  async ListFunctions(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const all = await control.allResources(account, kind);
    const { items, next } = pageOfStages(stagesOf(all, input.Stage), request);
    const Items = await Promise.all(
      items.map(({ resource, stage }) => write(resource, stage, control)),
    );
    const list = { MaxItems: request.maxItems, ...counted(Items) };
    return { FunctionList: next === undefined ? list : { ...list, NextMarker: next } };
  },
} satisfies Handlers;

/** Each stage is an item of its own, what is worked on first. */
export function stagesOf<Kind extends 'function' | 'connection-function'>(
  all: readonly Resource<Kind>[],
  only: Stage | undefined,
): readonly {
  readonly marker: string;
  readonly resource: Resource<Kind>;
  readonly stage: Stage;
}[] {
  return all.flatMap((resource) => {
    const stages: Stage[] =
      resource.config.live === undefined ? ['DEVELOPMENT'] : ['DEVELOPMENT', 'LIVE'];
    return stages
      .filter((stage) => only === undefined || stage === only)
      .map((stage) => ({ marker: `${resource.id}.${stage}`, resource, stage }));
  });
}

type Staged = FunctionContent & Required<LastChange>;

/** Throws the kind's own refusal for a stage that there is not. */
export function stageOf(
  {
    changedBy = '',
    config,
    etag,
    id,
    kind: of,
    modifiedAt,
  }: Resource<'function' | 'connection-function'>,
  stage: Stage,
): Staged {
  if (stage === 'DEVELOPMENT') return { ...config, etag, modifiedAt, changedBy };
  const { live } = config;
  if (live !== undefined) {
    const publication = of === 'function' ? 'PublishFunction' : 'PublishConnectionFunction';
    return { ...live, modifiedAt: live.publishedAt, changedBy: publication };
  }
  const said = `published ${of === 'function' ? 'function' : 'connection function'}`;
  throw new Refusal(of === 'function' ? 'NoSuchFunctionExists' : 'EntityNotFound', { said, id });
}

async function write(
  resource: Resource<typeof kind>,
  stage: Stage,
  control: Context['control'],
): Promise<Wire.FunctionSummary> {
  const { account, config, createdAt, id } = resource;
  const content = stageOf(resource, stage);
  return {
    Name: config.name,
    Status: statusOf(stage, await control.usersOf(account, { kind, id })),
    FunctionConfig: writeContent(account, content),
    FunctionMetadata: {
      FunctionARN: arnOf(account, { kind, id }),
      Stage: stage,
      CreatedTime: createdAt,
      LastModifiedTime: content.modifiedAt,
    },
  };
}

export function statusOf(stage: Stage, users: readonly string[]): string {
  if (stage === 'DEVELOPMENT') return 'UNPUBLISHED';
  return users.length === 0 ? 'UNASSOCIATED' : 'ASSOCIATED';
}

export function readFunction(
  name: string,
  given: Wire.FunctionConfig,
  code: Uint8Array,
): FunctionConfig {
  const stores = itemsOf(given.KeyValueStoreAssociations);
  return {
    name,
    comment: given.Comment,
    runtime: given.Runtime,
    keyValueStores: stores.map(({ KeyValueStoreARN }) => storeOfArn(KeyValueStoreARN)),
    code: Buffer.from(code).toString('base64'),
    live: undefined,
  };
}

export function writeContent(
  account: AccountId,
  { comment, keyValueStores, runtime }: FunctionContent,
): Wire.FunctionConfig {
  const stores = keyValueStores.map((id) => ({ KeyValueStoreARN: keyValueStoreArn(account, id) }));
  return { Comment: comment, Runtime: runtime, KeyValueStoreAssociations: counted(stores) };
}
