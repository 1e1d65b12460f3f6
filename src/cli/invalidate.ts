/**
 * invalidate, invalidation create: objects that no live edge may serve any more as they were. With
 * --wait it ends once that is so, and tells meanwhile which edges it waits for.
 */
import { connectToApi } from './api-client.ts';
import { checkLegal } from './legal-text.ts';
import { type Arguments, command } from './command.ts';
import { UsageFault } from './failure.ts';
import { Invalidations, type InvalidationView, type NewBatch } from './invalidations.ts';
import { showProgress } from './progress.ts';
import { reportOf } from './show-invalidation.ts';
import { lateFailure, waitFor, waitMsNormally, waitOption } from './waiting.ts';
import type { Command, World } from './world.ts';

export function invalidate(words: 'invalidate' | 'invalidation create'): Command {
  return command(
    {
      words,
      operands: ['ID', 'PATH…'],
      summary: 'Invalidates objects of a distribution by their paths.',
      notes:
        "A * at the end of a path stands for anything: '/img/*' is all below it, '/*' is everything.\nA path is that of the object as viewers ask for it, percent-encoded, with its query where the\ndistribution keeps objects apart by that. The root object goes by its own path or by /.",
      options: [
        { name: 'wait', kind: 'switch', form: '', meaning: 'wait until it is Completed' },
        waitOption,
        {
          name: 'caller-reference',
          kind: 'one',
          form: 'TEXT',
          meaning: 'makes it repeatable (a new one each time)',
        },
      ],
      example: `warmfront ${words} E1QXVPAEXAMPLE /index.html '/img/*' --wait`,
      onInterrupt:
        'An invalidation that was accepted goes on; `warmfront invalidation list` tells.',
    },
    async (given, world) => {
      const batch = readBatch(given, world);
      const timeoutMs = given.duration('timeout', waitMsNormally);
      const distribution = given.operand(0);
      const api = await connectToApi(world);
      const invalidations = new Invalidations(api, distribution);
      const created = await invalidations.create(batch);
      if (!given.has('wait')) return reportOf(created);
      const { id } = created;
      const progress = showProgress(world.err);
      progress.happened(`Created ${id} of ${said(batch.paths.length)}`);
      const look = async (): Promise<{ found: InvalidationView } | { status: string }> => {
        const now = await invalidations.find(id);
        return now.status === 'Completed' ? { found: now } : { status: now.status };
      };
      const waited = await waitFor(id, look, { api, progress, timeoutMs, world });
      if (waited.kind === 'late') throw lateFailure(id, waited, timeoutMs);
      return reportOf(waited.found);
    },
  );
}

function readBatch(given: Arguments, { randomness }: World): NewBatch {
  const paths = given.operandsFrom(1).map(withSlash);
  for (const path of paths) checkLegal('PATH', path);
  const callerReference = given.one('caller-reference') ?? `warmfront-${randomness.uuid()}`;
  checkLegal('--caller-reference', callerReference);
  return { callerReference, paths };
}

/** What was meant as a URL would be taken for a path that no object has. */
function withSlash(path: string): string {
  if (/^https?:\/\//i.test(path)) {
    throw new UsageFault(`${JSON.stringify(path)} is a URL; name the path alone.`);
  }
  return path.startsWith('/') ? path : `/${path}`;
}

function said(count: number): string {
  return count === 1 ? '1 path' : `${count} paths`;
}
