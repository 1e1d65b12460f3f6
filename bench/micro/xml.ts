/** A configuration as XML: read into a tree, read into the model, and written back. */
import {
  readDistributionConfig,
  writeDistributionConfig,
} from '../../src/api/2010-11-01/distribution-config-shape.ts';
import { namespace } from '../../src/api/2010-11-01/wire-form.ts';
import { readXml, writeXml } from '../../src/base/xml.ts';
import { configXml, download } from '../../test/harness/kinds.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { figure } from '../harness/figure.ts';
import { callsASecond } from '../harness/repeat.ts';

/** With every member that may be there. */
const text = configXml(download, {
  reference: 'a-caller-reference',
  cnames: ['www.example.com', 'images.example.com', 'static.example.com'],
  comment: 'Everything that a shop needs',
  more:
    '<DefaultRootObject>index.html</DefaultRootObject>' +
    '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix>shop/</Prefix></Logging>' +
    '<TrustedSigners><Self/><AwsAccountNumber>111122223333</AwsAccountNumber></TrustedSigners>' +
    '<RequiredProtocols><Protocol>https</Protocol></RequiredProtocols>',
});

export const xml: Benchmark = {
  name: 'xml',
  measures: 'reading and writing a full configuration',
  async run({ quick, say }) {
    const batches = quick ? 5 : 50;
    const bytes = Buffer.from(text);
    const config = readDistributionConfig(bytes, { minTtlS: 0 });
    const bounds = { bytesMax: 65_536, depthMax: 32, elementsMax: 10_000 };
    const rate = (what: string, act: () => unknown) => {
      say(what);
      return figure(`${what}, ${bytes.length} bytes`, '1/s', callsASecond(act, batches));
    };
    const figures = [
      rate('read into a tree', () => readXml(bytes, bounds)),
      rate('read into the model', () => readDistributionConfig(bytes, { minTtlS: 0 })),
      rate('write', () => writeXml(writeDistributionConfig(config), namespace)),
    ];
    return { kind: 'figures', figures, notes: [] };
  },
};
