/**
 * What the workers of an edge location have answered viewers, counted where they answer: one array of
 * numbers for each worker, in memory that its location reads. The worker is the only one who writes.
 *
 * The array outlives the worker, so that counters go on where a worker is started anew.
 */
import type { Metric, Sample } from '../base/metrics.ts';
import type { ResultType } from './result-types.ts';

/** The place of each in the array. */
const placeOfResult: Readonly<Record<ResultType, number>> = {
  Hit: 0,
  RefreshHit: 1,
  Miss: 2,
  Redirect: 3,
  Error: 4,
  CapacityExceeded: 5,
};

/** By the first digit of a status; 0 for a viewer that left before there was one. */
const statusClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

const requestPlaces = Object.keys(placeOfResult).length * statusClasses.length;
const sentBytesPlace = requestPlaces;
const connectionsPlace = requestPlaces + 1;
const originFailuresPlace = requestPlaces + 2;
const places = requestPlaces + 3;

export function viewerCountsMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(places * Float64Array.BYTES_PER_ELEMENT);
}

export class ViewerCounts {
  readonly #counts: Float64Array;

  /** A worker that has just started holds no connection, whatever the one before it held. */
  constructor(memory = viewerCountsMemory()) {
    this.#counts = new Float64Array(memory);
    this.#counts[connectionsPlace] = 0;
  }

  /** `status` is 0 where no answer was begun. */
  answered(result: ResultType, status: number, sentBytes: number): void {
    const first = placeOfResult[result] * statusClasses.length;
    this.#add(first + Math.min(Math.floor(status / 100), statusClasses.length - 1), 1);
    this.#add(sentBytesPlace, sentBytes);
  }

  connectionsOpen(open: number): void {
    this.#counts[connectionsPlace] = open;
  }

  originFailed(): void {
    this.#add(originFailuresPlace, 1);
  }

  #add(place: number, amount: number): void {
    this.#counts[place] = (this.#counts[place] ?? 0) + amount;
  }
}

export type CountedEdge = {
  readonly edge: string;
  /** Of its workers. */
  readonly memories: readonly SharedArrayBuffer[];
};

/** Of each location, over its workers. */
export function viewerMetrics(edges: readonly CountedEdge[]): readonly Metric[] {
  const summed = edges.map(({ edge, memories }) => ({ edge, counts: sumOf(memories) }));
  const samplesAt = (place: number): readonly Sample[] =>
    summed.map(({ counts, edge }) => ({ labels: { edge }, value: counts[place] ?? 0 }));
  return [
    {
      name: 'warmfront_edge_requests_total',
      help: 'Requests of viewers, by x-edge-result-type and class of status.',
      type: 'counter',
      samples: summed.flatMap(({ counts, edge }) => requestSamples(edge, counts)),
    },
    {
      name: 'warmfront_edge_sent_bytes_total',
      help: 'Bytes given to viewers, heads and framing among them.',
      type: 'counter',
      samples: samplesAt(sentBytesPlace),
    },
    {
      name: 'warmfront_edge_origin_failures_total',
      help: 'Questions to origins that failed.',
      type: 'counter',
      samples: samplesAt(originFailuresPlace),
    },
    {
      name: 'warmfront_edge_connections',
      help: 'Open connections of viewers.',
      type: 'gauge',
      samples: samplesAt(connectionsPlace),
    },
  ];
}

/** Those that have come; at most results times classes. */
function requestSamples(edge: string, counts: Float64Array): readonly Sample[] {
  return Object.entries(placeOfResult).flatMap(([result, first]) =>
    statusClasses.flatMap((status, index) => {
      const value = counts[first * statusClasses.length + index] ?? 0;
      return value === 0 ? [] : [{ labels: { edge, result, status }, value }];
    }),
  );
}

function sumOf(memories: readonly SharedArrayBuffer[]): Float64Array {
  const sum = new Float64Array(places);
  for (const memory of memories) {
    new Float64Array(memory).forEach((count, place) => {
      sum[place] = (sum[place] ?? 0) + count;
    });
  }
  return sum;
}
