/** Resource policies (API 2020-05-31, section 4.18): kept, word for word. */
import type { Context, Handlers } from '../handler.ts';

const kind = 'resource-policy';

export const resourcePolicyHandlers = {
  async PutResourcePolicy({ PolicyDocument: document, ResourceArn: arn }, context) {
    const { account, control } = context;
    await requireResource(context, arn);
    const config = { arn, document };
    const there = await control.allResources(account, kind);
    if (there.some(({ id }) => id === arn)) {
      await control.replaceResource({ account, kind, id: arn, ifMatch: undefined }, config);
    } else {
      await control.createResource(account, kind, config);
    }
    return { ResourceArn: arn };
  },
  async GetResourcePolicy({ ResourceArn: arn }, { account, control }) {
    const { config } = await control.findResource(account, kind, arn);
    return { ResourceArn: arn, PolicyDocument: config.document };
  },
  async DeleteResourcePolicy({ ResourceArn: arn }, { account, control }) {
    await control.deleteResource({ account, kind, id: arn, ifMatch: undefined });
    return {};
  },
} satisfies Handlers;

/** Rejects where the name is of nothing that is there. */
async function requireResource({ account, control }: Context, arn: string): Promise<void> {
  await control.listTags(account, arn);
}
