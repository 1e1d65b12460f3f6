/**
 * A configuration that is switched on or off and sent back. An update replaces everything, so it keeps
 * every element it came with, those that this program does not know among them.
 */
import { textElement, type XmlElement } from '../base/xml.ts';

export function isEnabled(config: XmlElement): boolean {
  const text = config.children.find(({ name }) => name === 'Enabled')?.text.trim();
  return text === 'true' || text === '1';
}

/** The same document but for `Enabled`, ready to be sent. */
export function withEnabled(config: XmlElement, enabled: boolean): XmlElement {
  const children = config.children.map((one) =>
    one.name === 'Enabled' ? textElement('Enabled', String(enabled)) : one,
  );
  return { ...config, children, text: '' };
}
