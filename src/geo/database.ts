/**
 * Databases of addresses in MaxMind's format (MaxMind DB 2.0), as an operator supplies them: what is
 * known of where an address is. Files are read by mmdb-lib (docs/decisions/0030), whose bytes all
 * workers share.
 *
 * Understood are the members of GeoIP2 and GeoLite2 (Country, City, ASN), and those free ones that
 * have them flat, under `country_code` and `autonomous_system_number`.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { Reader, type Response } from 'mmdb-lib';
import { BoundedMap } from '../base/bounded-map.ts';

/** What is wrong with a file, in words for its operator. */
export class GeoDatabaseFault extends Error {
  override readonly name = 'GeoDatabaseFault';
}

/** What is known of an address; a fact that is not known is left out. */
export type Place = {
  /** ISO 3166-1, two upper-case letters. */
  readonly country?: string | undefined;
  readonly countryName?: string | undefined;
  /** ISO 3166-2 without the country, of the widest subdivision. */
  readonly region?: string | undefined;
  readonly regionName?: string | undefined;
  readonly city?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  /** Of the United States alone. */
  readonly metroCode?: number | undefined;
  /** Of the IANA, such as `Europe/Paris`. */
  readonly timeZone?: string | undefined;
  /** The number of the autonomous system. */
  readonly asn?: number | undefined;
};

const fileBytesMax = 1_073_741_824;
const readBytes = 67_108_864;
/** Between the tree and the data, by the format. */
const separatorBytes = 16;
/** Looked up before an edge starts: a file that was damaged fails then, mostly. */
const probes = ['0.0.0.0', '1.1.1.1', '8.8.8.8', '128.0.0.1', '255.255.255.255'];

/** The bytes of a file that can be looked up in, for threads to share. Throws a GeoDatabaseFault. */
export function readGeoDatabase(path: string): Uint8Array {
  const bytes = sharedBytesOf(path);
  const reader = readerOf(bytes);
  for (const address of probes) {
    try {
      reader.get(address);
    } catch (error) {
      throw new GeoDatabaseFault(`it is damaged: ${messageOf(error)}`);
    }
  }
  return bytes;
}

function sharedBytesOf(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > fileBytesMax) throw new GeoDatabaseFault('it is larger than 1 GiB');
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    let at = 0;
    while (at < size) {
      const read = readSync(file, bytes, at, Math.min(readBytes, size - at), at);
      if (read === 0) throw new GeoDatabaseFault('it became shorter while it was read');
      at += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function readerOf(bytes: Uint8Array): Reader<Response> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let reader: Reader<Response>;
  try {
    reader = new Reader(buffer);
  } catch {
    throw new GeoDatabaseFault('it is no database in the format of MaxMind (.mmdb)');
  }
  const { binaryFormatMajorVersion, searchTreeSize } = reader.metadata;
  if (binaryFormatMajorVersion !== 2) {
    throw new GeoDatabaseFault(`it is of version ${binaryFormatMajorVersion} of the format, not 2`);
  }
  if (!(searchTreeSize > 0) || searchTreeSize + separatorBytes > bytes.length) {
    throw new GeoDatabaseFault('it is cut or damaged: its tree is longer than the file');
  }
  return reader;
}

/** Addresses that are asked for more than once are mostly asked for again soon. */
const addressesMax = 10_000;
const nowhere: Place = {};

export class GeoDatabases {
  readonly #readers: readonly Reader<Response>[];
  readonly #known = new BoundedMap<string, Place>(addressesMax);
  readonly #damaged: (error: unknown) => void;

  /** `damaged` is told of a record that cannot be read; what it says is not known then. */
  constructor(files: readonly Uint8Array[], damaged: (error: unknown) => void) {
    this.#readers = files.map(readerOf);
    this.#damaged = damaged;
  }

  /** Whether there is any. */
  get isEmpty(): boolean {
    return this.#readers.length === 0;
  }

  /** Of several databases, the first that knows a fact counts. */
  find(address: string): Place {
    if (this.#readers.length === 0) return nowhere;
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const place = this.#readers.reduceRight<Place>(
      (later, reader) => ({ ...later, ...this.#look(reader, address) }),
      nowhere,
    );
    this.#known.set(address, place);
    return place;
  }

  #look(reader: Reader<Response>, address: string): Place {
    try {
      return placeOf(reader.get(address));
    } catch (error) {
      this.#damaged(error);
      return nowhere;
    }
  }
}

function placeOf(record: unknown): Place {
  const country = textAt(record, 'country', 'iso_code') ?? textAt(record, 'country_code');
  const facts: Place = {
    country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
    countryName: textAt(record, 'country', 'names', 'en'),
    region: textAt(record, 'subdivisions', '0', 'iso_code'),
    regionName: textAt(record, 'subdivisions', '0', 'names', 'en'),
    city: textAt(record, 'city', 'names', 'en'),
    postalCode: textAt(record, 'postal', 'code'),
    latitude: numberAt(record, 'location', 'latitude'),
    longitude: numberAt(record, 'location', 'longitude'),
    metroCode: numberAt(record, 'location', 'metro_code'),
    timeZone: textAt(record, 'location', 'time_zone'),
    asn: numberAt(record, 'autonomous_system_number'),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
}

function textAt(record: unknown, ...path: readonly string[]): string | undefined {
  const found = memberAt(record, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function numberAt(record: unknown, ...path: readonly string[]): number | undefined {
  const found = memberAt(record, path);
  return typeof found === 'number' ? found : undefined;
}

function memberAt(record: unknown, path: readonly string[]): unknown {
  let found = record;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name))
      return undefined;
    found = Object.getOwnPropertyDescriptor(found, name)?.value;
  }
  return found;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
