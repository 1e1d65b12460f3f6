/** Where a page of a list begins. */
import { Refusal } from '../model/refusal.ts';

/** For a marker that has no place in the list. */
export function unknownMarker(marker: string): Refusal {
  const why = `${marker} is no item of this list; send the NextMarker of the page before.`;
  return new Refusal('InvalidArgument', { member: 'Marker', why });
}
