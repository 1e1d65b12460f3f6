/**
 * demo: the life of a distribution, from its creation to the refusal of its last viewer, played on
 * a server with three edges in front of a sample site. Everything goes through the public API and
 * real viewers, and each step is held to what the documentation says.
 */
import { silentRecorder } from '../base/recorder.ts';
import { readSettings, type ServerSettings } from '../config.ts';
import type { startServer } from '../server.ts';
import type { DistributionConfig } from '../wire/shapes.generated.ts';
import { ApiClient } from './api-client.ts';
import { command, type Report } from './command.ts';
import { Actors, type DemoEdge } from './demo-actors.ts';
import { type DemoSite, openDemoSite } from './demo-site.ts';
import { NotHeld, Stage } from './demo-stage.ts';
import { CommandFailure, UsageFault } from './failure.ts';
import { logOptions } from './log-options.ts';
import { downloadConfig } from './new-distribution.ts';
import type { Command, World } from './world.ts';

type StartServer = typeof startServer;

const edgeNames = ['lima', 'paris', 'tokyo'] as const;
const heldEdge = 'tokyo';
const originHost = 'postcards.example.com';

export function demoCommand(start: StartServer): Command {
  return command(
    {
      words: 'demo',
      operands: [],
      summary:
        'Plays the life of a distribution on three edges and a sample site, and checks each step.',
      notes:
        'It runs by itself on free ports and keeps nothing but, with --log, what etcd keeps of a log. Exit code 0 only if every step held.',
      options: logOptions,
      example: 'warmfront demo',
    },
    async (given, world) => {
      const log = logOptions.flatMap(({ name }) =>
        given.list(name).map((value) => `--${name}=${value}`),
      );
      return demo(start, world, { log, asJson: given.has('json') });
    },
  );
}

async function demo(
  start: StartServer,
  world: World,
  { asJson, log }: { readonly asJson: boolean; readonly log: readonly string[] },
): Promise<Report> {
  const beganMs = world.clock.monotonicMs();
  const site = await openDemoSite();
  try {
    const recorderOptions = { level: 'silent', readable: false, colors: false } as const;
    const running = await started(
      start(settingsFor(site, log), { recorder: silentRecorder, recorderOptions }),
    );
    try {
      const { api, edges } = running.addresses;
      const stage = new Stage(asJson ? undefined : world.out);
      if (!asJson) world.out.write(programme(site, api, edges));
      const fault = await faultOf(play(stage, site, { api, edges }, world));
      const tookMs = Math.round(world.clock.monotonicMs() - beganMs);
      const { steps } = stage;
      const verdict =
        fault === undefined
          ? world.out.painted('good', `All ${steps.length} steps held, in ${tookMs} ms.`)
          : world.out.painted('bad', `Step ${steps.length} did not hold. ${fault}`);
      return {
        text: `\n${verdict}\n`,
        json: { held: fault === undefined, fault: fault ?? null, tookMs, steps },
        exitCode: fault === undefined ? 0 : 1,
      };
    } finally {
      await running.stop();
    }
  } finally {
    await site.close();
  }
}

/** A log that cannot be used is no bug: what it says is for the person. */
async function started(running: ReturnType<StartServer>): ReturnType<StartServer> {
  try {
    return await running;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'LogUnavailable') throw error;
    throw new CommandFailure('LogUnavailable', error.message, {}, error);
  }
}

function settingsFor(site: DemoSite, log: readonly string[]): ServerSettings {
  const flags = [
    '--memory',
    '--api=127.0.0.1:0',
    '--api-tls=off',
    `--origin=${originHost}=${site.url}`,
    ...edgeNames.map((name) => `--edge=${name}=127.0.0.1:0`),
    ...log,
  ];
  // The person's own settings are for their server.
  const outcome = readSettings(flags, {});
  if (outcome.kind === 'settings') return outcome.settings;
  if (outcome.kind === 'wrong' && log.length > 0) throw new UsageFault(outcome.message);
  throw new Error(`the settings of the demo are not accepted: ${JSON.stringify(outcome)}`);
}

function programme(site: DemoSite, api: string, edges: readonly DemoEdge[]): string {
  const rows = [
    ['site', `${site.url}, which the edges know as ${originHost}`],
    ['API', api],
    ...edges.map(({ http, name }) => [`edge ${name}`, http]),
  ];
  const lines = rows.map(([left = '', right = '']) => `  ${left.padEnd(10)}  ${right}\n`);
  return `The life of a distribution on ${edges.length} edges\n\n${lines.join('')}`;
}

/** What did not hold, or undefined. */
async function faultOf(playing: Promise<void>): Promise<string | undefined> {
  try {
    await playing;
    return undefined;
  } catch (error) {
    if (error instanceof NotHeld) return error.message;
    throw error;
  }
}

type Scene = { readonly api: string; readonly edges: readonly DemoEdge[] };

async function play(stage: Stage, site: DemoSite, scene: Scene, world: World): Promise<void> {
  const api = new ApiClient(
    {
      url: new URL(scene.api),
      accessKeyId: 'warmfront',
      secretAccessKey: 'warmfront-secret',
      sessionToken: undefined,
      authorities: undefined,
    },
    world,
  );
  const actors = new Actors(api, stage, world);
  const { edges } = scene;

  stage.begin('Create a distribution in front of the site');
  const sent = { DistributionConfig: newConfig() };
  const created = await actors.calls('CreateDistribution', sent);
  stage.check('status of the answer', 201, created.status);
  stage.check('status of the distribution', 'InProgress', created.view?.status ?? 'unknown');
  const { domainName = '', id = '' } = created.view ?? {};

  stage.begin('Wait until every edge has it');
  const deployed = await actors.waitsUntilDeployed(id);
  stage.check('status of the distribution', 'Deployed', deployed.view?.status ?? 'unknown');
  stage.check('the ETag is that of the create', created.etag, deployed.etag);

  stage.begin('The first viewer at each edge gets the page from the site');
  for (const edge of edges) {
    const viewed = await actors.views(edge, domainName);
    stage.check(`status at ${edge.name}`, 200, viewed.status);
    stage.check(`X-Cache at ${edge.name}`, 'Miss from cloudfront', viewed.xCache);
    stage.check('the page is there', 'yes', viewed.body.includes('Greetings') ? 'yes' : 'no');
  }
  stage.check('times the site was asked', edges.length, site.asked());

  stage.begin('The next viewer gets it from the edge');
  for (const edge of edges) {
    const viewed = await actors.views(edge, domainName);
    stage.check(`X-Cache at ${edge.name}`, 'Hit from cloudfront', viewed.xCache);
  }
  stage.check('times the site was asked', edges.length, site.asked());

  stage.begin('Deleting it now is too early: it is enabled');
  const early = await actors.calls('DeleteDistribution', { Id: id, IfMatch: created.etag });
  stage.check('answer', '409 DistributionNotDisabled', `${early.status} ${early.code}`);

  stage.begin(`Keep the edge ${heldEdge} from taking what comes next`);
  await actors.tellsEdge(heldEdge, 'hold');
  const others = edges.filter(({ name }) => name !== heldEdge);
  const held = edges.filter(({ name }) => name === heldEdge);
  const positions = await actors.waitsUntilServed(others.map(({ name }) => name));
  const state = positions.edges.find(({ name }) => name === heldEdge);
  stage.check(`${heldEdge} is held`, 'yes', state?.held === true ? 'yes' : 'no');

  stage.begin('Disable the distribution');
  const disabled = await actors.calls('UpdateDistribution', {
    Id: id,
    IfMatch: created.etag,
    DistributionConfig: newConfig(false),
  });
  stage.check('status of the answer', 200, disabled.status);
  stage.check('the ETag is a new one', 'yes', disabled.etag === created.etag ? 'no' : 'yes');
  await actors.waitsUntilServed(others.map(({ name }) => name));
  const inProgress = await actors.calls('GetDistribution', { Id: id });
  stage.check('status while one edge lags', 'InProgress', inProgress.view?.status ?? 'unknown');

  stage.begin('The edges that have it refuse viewers; the held one serves what it knows');
  for (const edge of others) {
    stage.check(`status at ${edge.name}`, 403, (await actors.views(edge, domainName)).status);
  }
  for (const edge of held) {
    stage.check(`status at ${edge.name}`, 200, (await actors.views(edge, domainName)).status);
  }

  stage.begin('Deleting it is still too early: one edge serves it');
  const still = await actors.calls('DeleteDistribution', { Id: id, IfMatch: disabled.etag });
  stage.check('answer', '409 DistributionNotDisabled', `${still.status} ${still.code}`);

  stage.begin(`Let ${heldEdge} go on`);
  await actors.tellsEdge(heldEdge, 'release');
  const everywhere = await actors.waitsUntilDeployed(id);
  stage.check('status of the distribution', 'Deployed', everywhere.view?.status ?? 'unknown');

  stage.begin('Now every edge refuses viewers');
  for (const edge of edges) {
    stage.check(`status at ${edge.name}`, 403, (await actors.views(edge, domainName)).status);
  }

  stage.begin('Deleting it with the ETag of before the disabling is refused');
  const stale = await actors.calls('DeleteDistribution', { Id: id, IfMatch: created.etag });
  stage.check('answer', '412 PreconditionFailed', `${stale.status} ${stale.code}`);

  stage.begin('Delete it');
  const deleted = await actors.calls('DeleteDistribution', { Id: id, IfMatch: disabled.etag });
  stage.check('status of the answer', 204, deleted.status);

  stage.begin('It is gone');
  const gone = await actors.calls('GetDistribution', { Id: id });
  stage.check('answer', '404 NoSuchDistribution', `${gone.status} ${gone.code}`);

  stage.begin('Its viewers are refused as before');
  await actors.waitsUntilServed(edges.map(({ name }) => name));
  for (const edge of edges) {
    stage.check(`status at ${edge.name}`, 403, (await actors.views(edge, domainName)).status);
  }
}

function newConfig(enabled = true): DistributionConfig {
  return downloadConfig({
    callerReference: 'demo',
    origin: {
      kind: 'custom',
      domainName: originHost,
      httpPort: 80,
      httpsPort: 443,
      protocolPolicy: 'http-only',
    },
    aliases: [],
    comment: 'the postcards of the demo',
    enabled,
    defaultRootObject: undefined,
    logging: undefined,
    trustedSigners: [],
    httpsOnly: false,
  });
}
