import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readXml, writeXml } from '../base/xml.ts';
import { isEnabled, withEnabled } from './switched-config.ts';

function parse(text: string) {
  return readXml(Buffer.from(text), { bytesMax: 1_048_576, depthMax: 16, elementsMax: 1_000 });
}

test('a configuration that is switched keeps every element, known or not', () => {
  const before =
    '<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">\n  <Origins><Quantity>1</Quantity>' +
    '<Items><Origin><Id>x</Id></Origin></Items></Origins>\n<Later mode="a&quot;b"><Deep>&amp;&#13;</Deep></Later>' +
    '<Comment>  spaces  </Comment><Enabled>true</Enabled><Prefix/></DistributionConfig>';
  const config = parse(before);
  assert.equal(isEnabled(config), true);
  const after = writeXml(withEnabled(config, false), 'urn:x');
  assert.equal(
    after,
    '<?xml version="1.0"?>\n<DistributionConfig xmlns="urn:x"><Origins><Quantity>1</Quantity>' +
      '<Items><Origin><Id>x</Id></Origin></Items></Origins><Later mode="a&quot;b"><Deep>&amp;&#13;</Deep></Later>' +
      '<Comment>  spaces  </Comment><Enabled>false</Enabled><Prefix/></DistributionConfig>',
  );
  assert.equal(isEnabled(parse(after)), false);
});
