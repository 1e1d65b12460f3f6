/**
 * The DNS role of a process that has the control plane: the zone, what presence says of edges, and the
 * listeners. Questions that come together share one look at presence. Where presence does not answer,
 * the edges that were live last are named: names that lead to an edge are worth more than none.
 */
import type { Recorder } from './base/recorder.ts';
import type { DnsChoices } from './config/dns.ts';
import type { ControlPlane } from './control/control-plane.ts';
import { startDnsServer } from './dns/server.ts';
import { type LiveEdge, Zone } from './dns/zone.ts';
import { readZone, ZoneFault } from './dns/zone-file.ts';
import {
  clock,
  explained,
  isSystemError,
  type OnStop,
  randomness,
  readGiven,
  StartFailure,
} from './server-parts.ts';

/** A dead edge is named for so long beyond its lease. */
const livenessMs = 250;

export type NameServiceNeeds = {
  readonly control: ControlPlane;
  readonly recorder: Recorder;
  readonly onStop: OnStop;
};

/** Where it listens. Rejects with a StartFailure. */
export async function startNameService(
  { address, zoneFile }: DnsChoices,
  domain: string,
  { control, onStop, recorder }: NameServiceNeeds,
): Promise<string> {
  const settings = readGiven(zoneFile, 'zone', [ZoneFault], (text) => readZone(text, domain));
  const zone = new Zone(settings);
  const liveness = new Liveness(control, recorder);
  try {
    const server = await startDnsServer({
      address,
      clock,
      recorder,
      async answer(query, sender) {
        const live = await liveness.now();
        const state = {
          find: (name: string) => control.distributionNamed(name),
          live,
          serial: control.health().position,
        };
        return zone.answer(query, sender, state, () => randomness.fraction());
      },
    });
    onStop(() => server.close());
    const { host, port } = server.address;
    return `${host.includes(':') ? `[${host}]` : host}:${port}`;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new StartFailure(`--dns ${address.host}:${address.port}: ${explained(error)}`);
  }
}

class Liveness {
  readonly #control: ControlPlane;
  readonly #recorder: Recorder;
  #known: readonly LiveEdge[] | undefined;
  #atMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(control: ControlPlane, recorder: Recorder) {
    this.#control = control;
    this.#recorder = recorder;
  }

  /** Undefined: it was never known. */
  async now(): Promise<readonly LiveEdge[] | undefined> {
    if (clock.monotonicMs() - this.#atMs > livenessMs) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined;
      });
      await this.#asking;
    }
    return this.#known;
  }

  async #ask(): Promise<void> {
    try {
      const { edges } = await this.#control.edges();
      this.#known = edges.flatMap(({ name, position, state }) =>
        state === 'serving' && position !== undefined ? [{ name, position }] : [],
      );
    } catch (error) {
      this.#recorder.warn(
        { error },
        'presence does not answer; DNS names the edges that were live',
      );
    }
    this.#atMs = clock.monotonicMs();
  }
}
