/**
 * Requests of other clients, byte for byte as they were captured but for their User-Agent, which is not
 * signed: at the time they were made their signatures hold, and each is understood. What differs from
 * the SDK is seen in them: no declaration, no hash of the body, `?WithTags`, empty Items, ids of no text.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ApiWorld } from '../harness/api-world.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { exchangeRaw } from '../harness/raw-http.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

const folder = join(import.meta.dirname, 'captures');
const files = readdirSync(folder).sort();

/** The name of the request → how it is answered. */
const answers: Readonly<Record<string, RegExp>> = {
  'create-distribution': /^HTTP\/1\.1 201 [\s\S]*<Status>InProgress<\/Status>[\s\S]*<Enabled>true</,
  'create-distribution-with-tags':
    /^HTTP\/1\.1 201 [\s\S]*<CallerReference>captured-tags<[\s\S]*<Comment>a &amp; b</,
  'list-tags': /^HTTP\/1\.1 400 [\s\S]*InvalidArgument[\s\S]*Resource: /,
  'list-distributions': /^HTTP\/1\.1 400 [\s\S]*InvalidArgument[\s\S]*a b/,
  'create-cache-policy': /^HTTP\/1\.1 201 [\s\S]*<Comment>line\nline<\/Comment>/,
  'get-monitoring-subscription': /^HTTP\/1\.1 404 [\s\S]*NoSuchDistribution/,
  'delete-distribution': /^HTTP\/1\.1 404 [\s\S]*NoSuchDistribution/,
  'create-invalidation': /^HTTP\/1\.1 404 [\s\S]*NoSuchDistribution/,
};

/** `boto3-1.26-01-create-distribution.http` → its parts. */
function partsOf(file: string): { readonly client: string; readonly name: string } {
  const [, client = '', name = ''] = /^(.+?)-\d\d-(.+)\.http$/.exec(file) ?? [];
  return { client, name };
}

function timeOf(request: Buffer): number {
  const [, ...parts] =
    /^x-amz-date: (\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\r$/im.exec(request.toString()) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

for (const client of new Set(files.map((file) => partsOf(file).client))) {
  const requests = files
    .filter((file) => partsOf(file).client === client)
    .map((file) => ({ name: partsOf(file).name, bytes: readFileSync(join(folder, file)) }));
  const [first] = requests;
  assert.ok(first);
  const clock = new ManualClock(timeOf(first.bytes));
  const world = await ApiWorld.start({ clock, randomness: new SeededRandomness(3) });
  after(() => world.stop());
  for (const { bytes, name } of requests) {
    test(`${client}: ${name} is understood as it was sent`, async () => {
      const expected = answers[name];
      assert.ok(expected, name);
      assert.match(await exchangeRaw(world.port, bytes), expected);
    });

    test(`${client}: ${name} with one byte of its path or body changed is refused`, async () => {
      const at = bytes.at(-1) === 0x0a ? bytes.indexOf(' HTTP/1.1') - 1 : bytes.length - 1;
      const damaged = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from('0'),
        bytes.subarray(at + 1),
      ]);
      assert.match(await exchangeRaw(world.port, damaged), /SignatureDoesNotMatch|NoSuchOperation/);
    });
  }
}
