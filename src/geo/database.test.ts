/** Databases of addresses: what is read of them, and files that are none. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { geoDatabase, geoFile } from '../../test/harness/geo-file.ts';
import { GeoDatabaseFault, GeoDatabases, readGeoDatabase } from './database.ts';

const saoPaulo = {
  country: { iso_code: 'BR', names: { en: 'Brazil' } },
  subdivisions: [{ iso_code: 'SP', names: { en: 'São Paulo' } }],
  city: { names: { en: 'São Paulo' } },
  postal: { code: '01000' },
  location: { latitude: -23.5475, longitude: -46.63611, time_zone: 'America/Sao_Paulo' },
};

function neverDamaged(error: unknown): void {
  assert.fail(String(error));
}

function opened(...files: readonly Uint8Array[]): GeoDatabases {
  return new GeoDatabases(
    files.map((bytes) => readGeoDatabase(geoFile(bytes))),
    neverDamaged,
  );
}

test('what is known of an address is told, and nothing of others', () => {
  const databases = opened(
    geoDatabase({
      '192.0.2.0/24': saoPaulo,
      '2001:db8:1::/48': { country: { iso_code: 'FR' } },
      '198.51.100.7/32': { country_code: 'JP' },
      '203.0.113.0/24': { country: { iso_code: 'fr' }, city: 'none', location: [] },
    }),
  );
  assert.deepEqual(databases.find('192.0.2.200'), {
    country: 'BR',
    countryName: 'Brazil',
    region: 'SP',
    regionName: 'São Paulo',
    city: 'São Paulo',
    postalCode: '01000',
    latitude: -23.5475,
    longitude: -46.63611,
    timeZone: 'America/Sao_Paulo',
  });
  assert.deepEqual(databases.find('2001:db8:1:2::3'), { country: 'FR' });
  assert.deepEqual(databases.find('2001:db8:2::1'), {});
  assert.deepEqual(databases.find('198.51.100.7'), { country: 'JP' });
  assert.deepEqual(databases.find('198.51.100.8'), {});
  // Members of another form than is meant are passed over.
  assert.deepEqual(databases.find('203.0.113.1'), {});
});

test('of several databases the first that knows a fact counts', () => {
  const databases = opened(
    geoDatabase({ '192.0.2.0/25': { country: { iso_code: 'FR' } } }),
    geoDatabase({ '192.0.2.0/24': { country_code: 'DE', autonomous_system_number: 64_496 } }),
  );
  assert.deepEqual(databases.find('192.0.2.1'), { country: 'FR', asn: 64_496 });
  assert.deepEqual(databases.find('192.0.2.129'), { country: 'DE', asn: 64_496 });
});

function refused(bytes: Uint8Array, why: RegExp): void {
  const isTold = (error: unknown): boolean =>
    error instanceof GeoDatabaseFault && why.test(error.message);
  assert.throws(() => readGeoDatabase(geoFile(bytes)), isTold);
}

test('files that are no databases are refused, and say why', () => {
  const whole = geoDatabase({ '192.0.2.0/24': saoPaulo });
  refused(new Uint8Array(), /no database in the format of MaxMind/);
  refused(Buffer.from('country,network\n'), /no database in the format of MaxMind/);
  refused(whole.subarray(0, whole.length - 100), /no database in the format of MaxMind/);
  // The metadata stands at the end and speaks of a tree that is no longer there.
  refused(whole.subarray(whole.length - 250), /cut or damaged/);
});

test('a record that is damaged is told of, and its address is unknown', () => {
  const bytes = Buffer.from(geoDatabase({ '192.0.2.0/24': { country: { iso_code: 'FR' } } }));
  const path = geoFile(bytes);
  // A type that the format does not have, in the place of the first member's value.
  bytes.fill(0xff, bytes.indexOf('country') - 2, bytes.indexOf('country') + 9);
  writeFileSync(path, bytes);
  const told: unknown[] = [];
  const databases = new GeoDatabases([readGeoDatabase(path)], (error) => told.push(error));
  assert.deepEqual(databases.find('192.0.2.1'), {});
  assert.equal(told.length, 1);
});
