/** Tags of what an account owns. */
import { decideTag, decideUntag, requireTaggable } from '../model/decide-tags.ts';
import type { Control } from './control.ts';
import type { ControlCore } from './core.ts';

export function tagControl(core: ControlCore): Pick<Control, 'tag' | 'untag' | 'listTags'> {
  return {
    async tag(account, arn, tags) {
      await core.write((catalog, { limits }) => decideTag(catalog, account, arn, tags, limits));
    },
    async untag(account, arn, keys) {
      await core.write((catalog) => decideUntag(catalog, account, arn, keys));
    },
    listTags(account, arn) {
      return Promise.try(() => {
        const target = requireTaggable(core.catalog, account, arn);
        return core.catalog.tagsOf(account, target);
      });
    },
  };
}
