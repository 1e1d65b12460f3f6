/** What a viewer says of content codings (RFC 9110 §12.5.3), as far as the cache key needs it. */
import { type HeaderList, headerValues, listMembers } from './header-list.ts';

/** `*` counts for no coding (edge contract 4.3). */
export function acceptsGzip(headers: HeaderList): boolean {
  for (const value of headerValues(headers, 'accept-encoding')) {
    for (const member of listMembers(value)) {
      const [coding = '', ...parameters] = member.split(';').map((part) => part.trim());
      if (coding.toLowerCase() === 'gzip') return !parameters.some(isZeroWeight);
    }
  }
  return false;
}

function isZeroWeight(parameter: string): boolean {
  return /^q\s*=\s*0(?:\.0{0,3})?$/i.test(parameter);
}
