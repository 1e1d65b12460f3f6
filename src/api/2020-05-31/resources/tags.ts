/** Tags (API 2020-05-31, section 4.11). */
import type { Tag } from '../../../model/tags.ts';
import type { Handlers } from '../handler.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

export const tagHandlers = {
  async ListTagsForResource({ Resource }, { account, control }) {
    return { Tags: writeTags(await control.listTags(account, Resource)) };
  },
  async TagResource({ Resource, Tags }, { account, control }) {
    await control.tag(account, Resource, readTags(Tags));
    return {};
  },
  async UntagResource({ Resource, TagKeys }, { account, control }) {
    await control.untag(account, Resource, TagKeys.Items ?? []);
    return {};
  },
} satisfies Handlers;

/** A tag without a value has an empty one. */
export function readTags(tags: Wire.Tags | undefined): readonly Tag[] {
  return (tags?.Items ?? []).map(({ Key, Value }) => ({ key: Key, value: Value ?? '' }));
}

/** The list is there even where it is empty. */
export function writeTags(tags: readonly Tag[]): Wire.Tags {
  return { Items: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}
