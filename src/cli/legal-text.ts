/** Texts from the command line that go into a document. */
import { legalXmlText } from '../base/xml.ts';
import { UsageFault } from './failure.ts';

/** Throws a UsageFault for what no document can carry; `what` names it. */
export function checkLegal(what: string, given: string): void {
  if (legalXmlText(given) === given) return;
  throw new UsageFault(`${what}: ${JSON.stringify(given)} has a character that XML cannot carry.`);
}
