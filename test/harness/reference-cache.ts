/**
 * A cache written as plainly as possible, from the words of the edge contract (sections 5.1 to 5.9)
 * and none of the code: one request after another, every rule where it is needed, nothing bounded.
 * Seconds are whole, and fields of the origin are values, so nothing is parsed.
 */

export type Ttl = { readonly min: number; readonly default: number; readonly max: number };

export type Directives = {
  readonly 'max-age'?: number;
  readonly 's-maxage'?: number;
  readonly 'stale-if-error'?: number;
  readonly 'no-cache'?: true;
  readonly 'no-store'?: true;
  readonly private?: true;
  readonly 'must-revalidate'?: true;
};

/** What the origin has to say under a path, until it has something else to say. */
export type Page = {
  readonly isDown: boolean;
  readonly status: number;
  readonly version: number;
  readonly cacheControl: Directives | undefined;
  /** Seconds from its Date; `invalid` is no date. */
  readonly expires: number | 'invalid' | undefined;
  readonly age: number | undefined;
  readonly hasEtag: boolean;
  readonly hasLastModified: boolean;
};

export type Request = {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  /** What is keyed of it beside the path. */
  readonly variant: string;
  /** The version that the viewer says it has. */
  readonly heldVersion: number | undefined;
};

export type Expected = {
  readonly status: number;
  readonly xCache: 'Hit' | 'Miss' | 'RefreshHit' | 'Error';
  /** Undefined: a page of the edge's own. */
  readonly version: number | undefined;
  readonly age: number | undefined;
  /** Whether the origin is asked. */
  readonly isAsked: boolean;
};

type Held = {
  status: number;
  version: number;
  hasBody: boolean;
  cacheControl: Directives | undefined;
  expiresAt: number | 'invalid' | undefined;
  hasEtag: boolean;
  hasLastModified: boolean;
  /** In seconds of the clock, as all moments here. */
  receivedAt: number;
  ageAtArrival: number;
  lifetime: number;
};

type Failure = { readonly since: number; readonly hasPage: boolean };
type Place = { object?: Held | undefined; error?: Held | undefined; failure?: Failure | undefined };

const errorTtl = 10;
const errorsAlways = [404, 414, 500, 501, 502, 503, 504];
const errorsWhenTold = [400, 403, 405, 412, 415];

export class ReferenceCache {
  readonly #ttl: Ttl;
  readonly #places = new Map<string, Place>();

  constructor(ttl: Ttl) {
    this.#ttl = ttl;
  }

  invalidates(path: string): void {
    for (const key of this.#places.keys()) {
      if (key.startsWith(`${path} `)) this.#places.delete(key);
    }
  }

  answer(request: Request, page: Page, now: number): Expected {
    const { min, max } = this.#ttl;
    if (min === 0 && this.#ttl.default === 0 && max === 0) return this.#pass(request, page);
    const key = `${request.path} ${request.variant}`;
    const place = this.#places.get(key) ?? {};
    this.#places.set(key, place);
    const { error } = place;
    const object = isUsable(place.object, request) ? place.object : undefined;

    if (object !== undefined && ageOf(object, now) < object.lifetime) {
      return fromStore(object, request, 'Hit', now, false);
    }
    if (isUsable(error, request) && ageOf(error, now) < error.lifetime) {
      return fromStore(error, request, 'Error', now, false);
    }
    const { failure } = place;
    if (failure !== undefined && now < failure.since + errorTtl) {
      if (object !== undefined && this.#mayBeServedOnError(object, now)) {
        return fromStore(object, request, 'Hit', now, false);
      }
      if (failure.hasPage) {
        return { ...ownPage, age: now - failure.since, isAsked: false };
      }
    }
    return this.#ask(request, page, { place, object, now });
  }

  #ask(
    request: Request,
    page: Page,
    { now, object, place }: { place: Place; object: Held | undefined; now: number },
  ): Expected {
    const hasValidator = object !== undefined && (object.hasEtag || object.hasLastModified);
    if (page.isDown || page.status >= 500) {
      if (object !== undefined && this.#mayBeServedOnError(object, now)) {
        place.failure = { since: now, hasPage: false };
        return fromStore(object, request, 'Hit', now, true);
      }
    }
    if (page.isDown) {
      place.failure = { since: now, hasPage: true };
      return ownPage;
    }
    if (hasValidator && standsStill(object, page)) {
      const refreshed = { ...object, ...mergedWith(object, page, now) };
      const lifetime = this.#lifetime(refreshed, now);
      place.object = lifetime === undefined ? undefined : { ...refreshed, lifetime };
      const ageAtArrival = lifetime === undefined ? 0 : refreshed.ageAtArrival;
      return fromStore({ ...refreshed, ageAtArrival }, request, 'RefreshHit', now, true);
    }
    // The viewer's own condition goes along where nothing is held that could be renewed.
    if (object === undefined && isHeldByViewer(request, page)) {
      return { status: 304, xCache: 'Miss', version: undefined, age: page.age, isAsked: true };
    }
    const { status } = page;
    if (object !== undefined && (status < 400 || status === 404 || status === 410)) {
      place.object = undefined;
    }
    const arrived = { ...arriving(page, now), hasBody: request.method === 'GET' };
    const lifetime = this.#lifetime(arrived, now);
    if (lifetime !== undefined)
      place[status >= 400 ? 'error' : 'object'] = { ...arrived, lifetime };
    return this.#pass(request, { ...page, hasEtag: false });
  }

  #pass(request: Request, page: Page): Expected {
    if (page.isDown) return ownPage;
    const { age, status, version } = page;
    if (isHeldByViewer(request, page)) {
      return { status: 304, xCache: 'Miss', version: undefined, age, isAsked: true };
    }
    return { status, xCache: status >= 400 ? 'Error' : 'Miss', version, age, isAsked: true };
  }

  /** Undefined: it is not stored. */
  #lifetime(held: Omit<Held, 'lifetime'>, now: number): number | undefined {
    const { default: usual, max, min } = this.#ttl;
    const said = held.cacheControl ?? {};
    const told = said['s-maxage'] ?? said['max-age'];
    const untilExpires =
      held.expiresAt === 'invalid'
        ? 0
        : held.expiresAt === undefined
          ? undefined
          : Math.max(0, held.expiresAt - now);
    if (held.status >= 400) {
      if (errorsAlways.includes(held.status)) {
        return Math.max(errorTtl, Math.min(told ?? untilExpires ?? 0, max));
      }
      if (errorsWhenTold.includes(held.status) && told !== undefined) {
        return Math.max(errorTtl, Math.min(told, max));
      }
      return undefined;
    }
    if (said['no-store'] || said.private || said['no-cache']) {
      if (min > 0) return min;
      return said['no-store'] || said.private ? undefined : 0;
    }
    const seconds = told ?? untilExpires;
    if (seconds === undefined) return Math.max(min, usual);
    return Math.min(Math.max(seconds, min), max);
  }

  #mayBeServedOnError(object: Held, now: number): boolean {
    const said = object.cacheControl ?? {};
    if (said['must-revalidate']) return false;
    const window = said['stale-if-error'];
    if (window === undefined) return true;
    return ageOf(object, now) - object.lifetime < Math.min(window, this.#ttl.max);
  }
}

const ownPage: Expected = {
  status: 502,
  xCache: 'Error',
  version: undefined,
  age: undefined,
  isAsked: true,
};

function isUsable(held: Held | undefined, { method }: Request): held is Held {
  return held !== undefined && (held.hasBody || method === 'HEAD');
}

function ageOf({ ageAtArrival, receivedAt }: Held | Omit<Held, 'lifetime'>, now: number): number {
  return ageAtArrival + now - receivedAt;
}

function arriving(page: Page, now: number): Omit<Held, 'lifetime' | 'hasBody'> {
  const { age = 0, cacheControl, expires, hasEtag, hasLastModified, status, version } = page;
  return {
    status,
    version,
    cacheControl,
    expiresAt: typeof expires === 'number' ? now + expires : expires,
    hasEtag: hasEtag && status === 200,
    hasLastModified: hasLastModified && status === 200,
    receivedAt: now,
    ageAtArrival: age,
  };
}

/** A 304 says what has changed of the fields; what it does not name stays. */
function mergedWith(object: Held, page: Page, now: number): Partial<Held> {
  const given = arriving(page, now);
  return {
    ...given,
    cacheControl: given.cacheControl ?? object.cacheControl,
    expiresAt: given.expiresAt ?? object.expiresAt,
    hasEtag: given.hasEtag || object.hasEtag,
    hasLastModified: given.hasLastModified || object.hasLastModified,
  };
}

/** What the origin says to the validators of what is held: the etag decides where one is sent. */
export function standsStill(
  asked: { version: number; hasEtag: boolean; hasLastModified: boolean },
  page: Page,
): boolean {
  if (page.status !== 200 || asked.version !== page.version) return false;
  return asked.hasEtag ? page.hasEtag : asked.hasLastModified && page.hasLastModified;
}

function isHeldByViewer({ heldVersion }: Request, page: Page): boolean {
  return page.status === 200 && page.hasEtag && heldVersion === page.version;
}

function fromStore(
  held: Held | Omit<Held, 'lifetime'>,
  { heldVersion }: Request,
  xCache: Expected['xCache'],
  now: number,
  isAsked: boolean,
): Expected {
  const age = ageOf(held, now);
  const isHeld = held.status === 200 && held.hasEtag && held.version === heldVersion;
  if (isHeld) return { status: 304, xCache, version: undefined, age, isAsked };
  return { status: held.status, xCache, version: held.version, age, isAsked };
}
