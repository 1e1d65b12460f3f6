/**
 * What a viewer says of content codings (RFC 9110 §12.5.3), brought into one of four forms, so that
 * viewers who can be given the same bytes share an object (edge contract 4.3).
 */
import { type HeaderList, headerValues, listMembers } from './header-list.ts';

export type ContentCoding = 'br' | 'gzip';

/** Which of the two count. */
export type Codings = Readonly<Record<'brotli' | 'gzip', boolean>>;

/** As it is part of the key; `identity` where there is nothing to tell apart. */
export type NormalisedEncoding = 'br,gzip' | 'br' | 'gzip' | 'identity';

/** `*` counts for no coding; of one that is named twice the first counts. */
export function normaliseEncoding(headers: HeaderList, counted: Codings): NormalisedEncoding {
  const accepted = new Map<string, boolean>();
  for (const value of headerValues(headers, 'accept-encoding')) {
    for (const member of listMembers(value)) {
      const [name = '', ...parameters] = member.split(';').map((part) => part.trim());
      const coding = name.toLowerCase();
      if (coding !== 'br' && coding !== 'gzip') continue;
      if (!accepted.has(coding)) accepted.set(coding, !parameters.some(isZeroWeight));
    }
  }
  const br = counted.brotli && accepted.get('br') === true;
  const gzip = counted.gzip && accepted.get('gzip') === true;
  if (br) return gzip ? 'br,gzip' : 'br';
  return gzip ? 'gzip' : 'identity';
}

function isZeroWeight(parameter: string): boolean {
  return /^q\s*=\s*0(?:\.0{0,3})?$/i.test(parameter);
}
