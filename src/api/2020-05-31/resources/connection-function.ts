/** Connection functions (API 2020-05-31, section 4.18): like functions, and known by an id. */
import { arnOf } from '../../../model/arn.ts';
import { checkIfMatch } from '../../../model/decision.ts';
import { Refusal } from '../../../model/refusal.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { Context, Handlers } from '../handler.ts';
import { pageOf, pageOfStages } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { readFunction, stageOf, stagesOf, statusOf, writeContent } from './function.ts';
import { findIdentified, locationOf } from './resource-answers.ts';
import { readTags } from './tags.ts';

const kind = 'connection-function';

export const connectionFunctionHandlers = {
  async CreateConnectionFunction(input, { account, control, publicEndpoint }) {
    const { ConnectionFunctionCode: code, ConnectionFunctionConfig: given } = input;
    const config = readFunction(input.Name, given, code);
    const made = await control.createResource(account, kind, config, readTags(input.Tags));
    return {
      ConnectionFunctionSummary: await write(made, 'DEVELOPMENT', control),
      ETag: made.etag,
      Location: locationOf(publicEndpoint, made),
    };
  },
  async DescribeConnectionFunction(input, { account, control }) {
    const { Identifier, Stage: stage = 'DEVELOPMENT' } = input;
    const found = await findIdentified(control, account, kind, Identifier);
    const { etag } = stageOf(found, stage);
    return { ConnectionFunctionSummary: await write(found, stage, control), ETag: etag };
  },
  async GetConnectionFunction({ Identifier, Stage: stage = 'DEVELOPMENT' }, { account, control }) {
    const found = await findIdentified(control, account, kind, Identifier);
    const { code, etag } = stageOf(found, stage);
    return {
      ConnectionFunctionCode: Buffer.from(code, 'base64'),
      ETag: etag,
      ContentType: 'application/octet-stream',
    };
  },
  async UpdateConnectionFunction(input, { account, control }) {
    const { ConnectionFunctionCode: code, ConnectionFunctionConfig: given, Id: id } = input;
    const { config: was } = await control.findResource(account, kind, id);
    const target = { account, kind, id, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, readFunction(was.name, given, code));
    const ConnectionFunctionSummary = await write(replaced, 'DEVELOPMENT', control);
    return { ConnectionFunctionSummary, ETag: replaced.etag };
  },
  async PublishConnectionFunction({ Id, IfMatch }, { account, control }) {
    const published = await control.publish({ account, kind, id: Id, ifMatch: IfMatch });
    return { ConnectionFunctionSummary: await write(published, 'LIVE', control) };
  },
  async TestConnectionFunction(input, { account, control }) {
    const { Id, IfMatch, Stage: stage = 'DEVELOPMENT' } = input;
    checkIfMatch(IfMatch, stageOf(await control.findResource(account, kind, Id), stage));
    const why = 'functions are kept and published, and no edge runs them yet.';
    throw new Refusal('UnsupportedOperation', { operation: 'TestConnectionFunction', why });
  },
  async DeleteConnectionFunction({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListConnectionFunctions(input, { account, control, limits }) {
    const all = await control.allResources(account, kind);
    const { items, next } = pageOfStages(stagesOf(all, input.Stage), pageOf(input, limits));
    const ConnectionFunctions = await Promise.all(
      items.map(({ resource, stage }) => write(resource, stage, control)),
    );
    return { ConnectionFunctions, NextMarker: next };
  },
} satisfies Handlers;

async function write(
  resource: Resource<typeof kind>,
  stage: Wire.FunctionStage,
  control: Context['control'],
): Promise<Wire.ConnectionFunctionSummary> {
  const { account, config, createdAt, id } = resource;
  const content = stageOf(resource, stage);
  return {
    Name: config.name,
    Id: id,
    ConnectionFunctionConfig: writeContent(account, content),
    ConnectionFunctionArn: arnOf(account, { kind, id }),
    Status: statusOf(stage, await control.usersOf(account, { kind, id })),
    Stage: stage,
    CreatedTime: createdAt,
    LastModifiedTime: content.modifiedAt,
  };
}
