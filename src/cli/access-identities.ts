/** What the public API can do with origin access identities, in the client's terms. */
import { parentElement, textElement, type XmlElement } from '../base/xml.ts';
import type { ApiClient } from './api-client.ts';
import { child, present, readPages, text, writeDocument } from './api-document.ts';

const path = '/2010-11-01/origin-access-identity/cloudfront';
const root = 'CloudFrontOriginAccessIdentity';

export type IdentitySummary = {
  readonly id: string;
  /** What the owner of a bucket grants access to. */
  readonly canonicalUserId: string;
  readonly comment: string;
};

export type IdentityView = IdentitySummary & {
  readonly callerReference: string;
  /** What a change has to name. */
  readonly etag: string;
};

export type IdentityConfig = { readonly callerReference: string; readonly comment: string };

/** Every method rejects with a CommandFailure. */
export class AccessIdentities {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  list(): Promise<readonly IdentitySummary[]> {
    return readPages(this.#api, path, `${root}Summary`, (item) => ({
      ...readNames(item),
      comment: text(item, 'Comment'),
    }));
  }

  async find(id: string): Promise<IdentityView> {
    return readIdentity(await this.#api.askXml('GET', pathOf(id)));
  }

  /** The caller reference makes it repeatable. */
  async create(config: IdentityConfig): Promise<IdentityView> {
    const body = writeConfig(config);
    return readIdentity(await this.#api.askXml('POST', path, { body, repeatable: true }));
  }

  async replace({ etag, id }: IdentityView, config: IdentityConfig): Promise<IdentityView> {
    const sent = { ifMatch: etag, body: writeConfig(config) };
    return readIdentity(await this.#api.askXml('PUT', `${pathOf(id)}/config`, sent));
  }

  async delete({ etag, id }: IdentityView): Promise<void> {
    await this.#api.ask('DELETE', pathOf(id), { ifMatch: etag });
  }
}

function pathOf(id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

type Answered = { readonly root: XmlElement; readonly etag: string | undefined };

function readIdentity({ etag, root: identity }: Answered): IdentityView {
  const config = child(identity, `${root}Config`) ?? parentElement(`${root}Config`);
  return {
    ...readNames(identity),
    comment: text(config, 'Comment'),
    callerReference: text(config, 'CallerReference'),
    etag: present(etag),
  };
}

function readNames(item: XmlElement): Omit<IdentitySummary, 'comment'> {
  return { id: text(item, 'Id'), canonicalUserId: text(item, 'S3CanonicalUserId') };
}

function writeConfig({ callerReference, comment }: IdentityConfig): string {
  return writeDocument(
    parentElement(
      `${root}Config`,
      textElement('CallerReference', callerReference),
      comment === '' ? undefined : textElement('Comment', comment),
    ),
  );
}
