/** The error document of both versions (API 2010-11-01, section 1.9; API 2020-05-31, section 2.4). */
import { legalXmlText, parentElement, textElement, writeXml } from '../../base/xml.ts';
import { type Fault, sideAtFault } from '../refusals.ts';

/** As text/xml. A message may repeat what XML cannot carry. */
export function writeXmlFault(
  { code, message, status }: Fault,
  requestId: string,
  namespace: string,
): { readonly type: string; readonly text: string } {
  const root = parentElement(
    'ErrorResponse',
    parentElement(
      'Error',
      textElement('Type', sideAtFault(status)),
      textElement('Code', code),
      textElement('Message', legalXmlText(message)),
    ),
    textElement('RequestId', requestId),
  );
  return { type: 'text/xml', text: writeXml(root, namespace) };
}
