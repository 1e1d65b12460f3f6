/**
 * An operation of the API: a declaration (method and path) and a translation between the wire and
 * the control plane. It decides nothing.
 */
import type { KeyObject } from 'node:crypto';
import type { Instant } from '../base/clock.ts';
import type { Metric } from '../base/metrics.ts';
import type { Control } from '../control/control.ts';
import type { Pointing } from '../model/host-name.ts';
import type { AccountId } from '../model/ids.ts';
import type { Limits } from '../model/limits.ts';

/** What operations work with. */
export type Service = {
  readonly control: Control;
  readonly limits: Limits;
  /** Scheme, host and port under which the API is reached, without a slash at the end. */
  readonly publicEndpoint: () => string;
  /** In PEM: the local authority's own certificate. */
  readonly authorityCertificate: string;
  /** A certificate of the local authority for an edge, in PEM, the authority's own behind it. */
  readonly certifyEdge: (
    name: string,
    publicKey: KeyObject,
  ) => Promise<{ readonly certificate: string; readonly endsAt: Instant }>;
  /** The least seconds an edge keeps an object, in the API versions that have no say in it. */
  readonly legacyMinimumTtlS: number;
  /** Asks DNS. Both names in lower case; never rejects. */
  readonly pointingOf: (name: string, target: string) => Promise<Pointing>;
  readonly allowReset: boolean;
  /** Nothing of this server outlives it, so tests may set what no API can say yet. */
  readonly memoryOnly: boolean;
  /** It will stop, and requests had better go to another API process. */
  readonly isDraining: () => boolean;
  /** What the edges of this process answered. */
  readonly viewerMetrics: () => readonly Metric[];
};

/** A request, whoever sent it. */
export type OpenlyAsked<Name extends string> = {
  /** A part of the path that the declaration names in braces, decoded. */
  param(name: Name): string;
  readonly query: URLSearchParams;
  /** A header as it came, by its name in lower case; joined where it came several times. */
  header(name: string): string | undefined;
  /** The header as it came. */
  readonly ifMatch: string | undefined;
  /** Every byte of the body; a Refusal when there is none, or more than the operation takes. */
  body(): Uint8Array;
  readonly hasBody: boolean;
};

/** A request whose sender is known. */
export type Asked<Name extends string> = OpenlyAsked<Name> & { readonly account: AccountId };

/** Text sent piece by piece for as long as both sides want. */
export type TextSink = {
  /** Ends the stream, without an error, when its reader has fallen too far behind. */
  write(text: string): void;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
} & (
  | { readonly body?: { readonly type: string; readonly text: string | Uint8Array } }
  | {
      /** Begins to write; what it returns is called once, when the stream is over. */
      readonly stream: { readonly type: string; begin(sink: TextSink): () => void };
    }
);

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What a body is meant to be; decides how one that is missing or too large is told. */
export type BodyForm = 'xml' | 'json';

export type Operation = {
  /** `CreateDistribution`; for the record. */
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  /** What the path is made of: a text to match, or the name of a parameter. */
  readonly segments: readonly Segment[];
  /** What the query must hold: a name, or `name=value`; undefined where it does not matter. */
  readonly queryPart?: string | undefined;
  /** 0: whatever body comes is passed over. */
  readonly bodyBytesMax: number;
  readonly bodyForm: BodyForm;
} & (
  | {
      readonly needsCredentials: true;
      answer(asked: Asked<string>, service: Service): Promise<Answer>;
    }
  | {
      readonly needsCredentials: false;
      answer(asked: OpenlyAsked<string>, service: Service): Promise<Answer>;
    }
);

export type Segment =
  | { readonly kind: 'text'; readonly text: string; readonly anyCase: boolean }
  | { readonly kind: 'param'; readonly name: string };

type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamName<Rest>
  : never;

type Declaration<Path extends string, Question> = {
  readonly name: string;
  readonly method: Method;
  readonly path: Path;
  readonly bodyBytesMax?: number;
  /** `xml` unless told otherwise. */
  readonly bodyForm?: BodyForm;
  /** The texts of the path match without regard to case. */
  readonly anyCase?: boolean;
  answer(asked: Question, service: Service): Promise<Answer>;
};

/** Declares one; `{names}` in the path are what `asked.param` takes. */
export function operation<const Path extends string>(
  declared: Declaration<Path, Asked<ParamName<Path>>>,
): Operation {
  return {
    ...routeOf(declared),
    needsCredentials: true,
    answer: (asked, service) => declared.answer(asked, service),
  };
}

/** The same, for what anybody may ask. */
export function openOperation<const Path extends string>(
  declared: Declaration<Path, OpenlyAsked<ParamName<Path>>>,
): Operation {
  return {
    ...routeOf(declared),
    needsCredentials: false,
    answer: (asked, service) => declared.answer(asked, service),
  };
}

function routeOf(declared: Omit<Declaration<string, never>, 'answer'>) {
  const { anyCase = false, bodyBytesMax = 0, bodyForm = 'xml', method, name, path } = declared;
  return {
    name,
    method,
    path,
    segments: segmentsOf(path, anyCase),
    bodyBytesMax,
    bodyForm,
  };
}

/** `/distribution/{Id}`: `{names}` are parameters, the rest is to match. */
export function segmentsOf(path: string, anyCase = false): readonly Segment[] {
  return path
    .split('/')
    .slice(1)
    .map((segment) => readSegment(segment, anyCase));
}

function readSegment(text: string, anyCase: boolean): Segment {
  const name = /^\{(\w+)\}$/.exec(text)?.[1];
  return name === undefined ? { kind: 'text', text, anyCase } : { kind: 'param', name };
}
