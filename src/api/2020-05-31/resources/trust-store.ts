/** Trust stores (API 2020-05-31, section 4.18): kept, with their bundle unread. */
import { arnOf } from '../../../model/arn.ts';
import type { Resource } from '../../../model/resources/resource.ts';
import type { TrustStoreConfig } from '../../../model/resources/trust-store.ts';
import { invalidArgument } from '../../../model/resources/invalid-argument.ts';
import type { Handlers } from '../handler.ts';
import { bareListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { findIdentified } from './resource-answers.ts';
import { readTags } from './tags.ts';

const kind = 'trust-store';
const reason = 'The bundle is not read, and no edge asks viewers for certificates.';

export const trustStoreHandlers = {
  async CreateTrustStore(input, { account, control }) {
    const config: TrustStoreConfig = {
      name: input.Name,
      bundle: readBundle(input.CaCertificatesBundleSource),
      asksOcsp: input.UseClientCertificateOCSPEndpoint ?? false,
    };
    const made = await control.createResource(account, kind, config, readTags(input.Tags));
    return { TrustStore: write(made), ETag: made.etag };
  },
  async GetTrustStore({ Identifier }, { account, control }) {
    const found = await findIdentified(control, account, kind, Identifier);
    return { TrustStore: write(found), ETag: found.etag };
  },
  async UpdateTrustStore(input, { account, control }) {
    const { config: was } = await control.findResource(account, kind, input.Id);
    const source = input.CaCertificatesBundleSource;
    const config: TrustStoreConfig = {
      name: was.name,
      bundle: source === undefined ? was.bundle : readBundle(source),
      asksOcsp: input.UseClientCertificateOCSPEndpoint ?? was.asksOcsp,
    };
    const target = { account, kind, id: input.Id, ifMatch: input.IfMatch } as const;
    const replaced = await control.replaceResource(target, config);
    return { TrustStore: write(replaced), ETag: replaced.etag };
  },
  async DeleteTrustStore({ Id, IfMatch }, { account, control }) {
    await control.deleteResource({ account, kind, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListTrustStores(input, { account, control, limits }) {
    const page = await control.listResources(account, kind, 'all', pageOf(input, limits));
    const { items, next } = bareListOf(page, (store) => {
      const { UseClientCertificateOCSPEndpoint: _, ...told } = write(store);
      return { ...told, ETag: store.etag };
    });
    return { TrustStoreList: items, NextMarker: next };
  },
} satisfies Handlers;

function readBundle(source: Wire.CaCertificatesBundleSource): TrustStoreConfig['bundle'] {
  const place = source.CaCertificatesBundleS3Location;
  if (place === undefined) {
    const member = 'The parameter CaCertificatesBundleSource';
    return invalidArgument(member, 'it holds a CaCertificatesBundleS3Location.');
  }
  const { Bucket, Key, Region, Version } = place;
  return { bucket: Bucket, key: Key, region: Region, version: Version };
}

function write({ account, config, id, modifiedAt }: Resource<typeof kind>) {
  return {
    Id: id,
    Arn: arnOf(account, { kind, id }),
    Name: config.name,
    Status: 'active',
    NumberOfCaCertificates: 0,
    LastModifiedTime: modifiedAt,
    Reason: reason,
    UseClientCertificateOCSPEndpoint: config.asksOcsp,
  } as const satisfies Wire.TrustStore;
}
