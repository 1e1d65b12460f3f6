/** The one form of the Authorization header that API versions before 2013 know. */
import { Refusal } from '../../model/refusal.ts';

export type Authorization = { readonly accessKeyId: string; readonly signature: string };

/** `AWS <AccessKeyId>:<Signature>`; throws when it is absent or of another form. */
export function readAuthorization(headers: readonly string[] | undefined): Authorization {
  if (headers === undefined || headers.length === 0) {
    throw new Refusal('MissingAuthenticationToken');
  }
  const [header, ...more] = headers;
  const match = /^AWS +([^\s:]{1,128}):([^\s:]{1,128})$/.exec(header?.trim() ?? '');
  const [, accessKeyId, signature] = match ?? [];
  if (accessKeyId === undefined || signature === undefined || more.length > 0) {
    throw new Refusal('InvalidHttpAuthHeader');
  }
  return { accessKeyId, signature };
}
