import type { Offline } from '@filrouge/server';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { withInstallation } from '../offline/open-installation.ts';
import { amount, count, duration } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';

const TOLD_EVERY_MS = 2_000;

/** `filrouge replay`: all projections thrown away and built again from the journal, and whether they came out the same. */
export const registerReplay: Register = (program, perform) => {
  program
    .command('replay')
    .description('rebuild every projection from the journal and compare; exit code 3 when they differ')
    .addHelpText(
      'after',
      `
Stop the server first: the data directory belongs to one process at a time.
The journal is kept for 60 days (journalDays of the configuration says otherwise). Where its beginning is not kept any
more, the rebuild begins from the eldest snapshot of the projections that it still reaches.`,
    )
    .action(perform((context) => replay(context)));
};

async function replay(context: CommandContext): Promise<ExitCode> {
  return withInstallation(context, async (offline) => {
    if (context.dryRun) {
      tellPlan(context, await offline.replayPlan());
      return EXIT.done;
    }
    await offline.drain();
    const before = await offline.digest();
    const begun = performance.now();
    const { items, from } = await offline.replay(teller(context, begun));
    const after = await offline.digest();
    const seconds = Math.round(performance.now() - begun) / 1_000;
    const equal = differing(before, after).length === 0;
    tell(context, { before, after, equal, items, seconds, ...begunFrom(from) });
    return equal ? EXIT.done : EXIT.differences;
  });
}

type From = Awaited<ReturnType<Offline['replay']>>['from'];

/** The snapshot that stands for what the journal does not hold any more, as it is told. */
function begunFrom(from: From): { readonly from?: { readonly position: number; readonly takenAt: string } } {
  return from === undefined ? {} : { from: { position: from.position, takenAt: new Date(from.takenAt).toISOString() } };
}

/** What would be thrown away and built again; whether it would come out the same only a replay can say. */
function tellPlan(context: CommandContext, { items, from }: Awaited<ReturnType<Offline['replayPlan']>>): void {
  const begun = begunFrom(from);
  if (context.json) {
    context.data(JSON.stringify({ dryRun: true, items, ...begun }));
    return;
  }
  const beginning =
    begun.from === undefined
      ? 'the beginning of the journal'
      : `the snapshot of ${begun.from.takenAt.slice(0, 10)}, at journal position ${count(begun.from.position)}`;
  context.data(
    `would throw every projection away and build it again from ${beginning}, with the ${amount(items, 'item')} after it; nothing was done (--dry-run)`,
  );
}

/** Says how far it is, and ends the replay at a signal: it begins anew the next time. */
function teller(context: CommandContext, begun: number): Parameters<Offline['replay']>[0] {
  let toldAt = begun;
  return ({ items }) => {
    context.stop.throwIfAborted();
    const now = performance.now();
    if (now - toldAt < TOLD_EVERY_MS) return;
    toldAt = now;
    context.progress(`${amount(items, 'item')}, ${count((items / (now - begun)) * 1_000)} a second`);
  };
}

type Digest = Readonly<Record<string, string>>;

/** Names of the projections whose digests are not the same. */
function differing(before: Digest, after: Digest): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
}

function tell(
  context: CommandContext,
  done: {
    readonly before: Digest;
    readonly after: Digest;
    readonly equal: boolean;
    readonly items: number;
    readonly seconds: number;
    /** The snapshot that stands for what the journal does not hold any more. */
    readonly from?: { readonly position: number; readonly takenAt: string };
  },
): void {
  if (context.json) {
    context.data(JSON.stringify(done));
    return;
  }
  const { before, after, equal, items, seconds, from } = done;
  const rows = Object.keys(before).map((name) => [
    name,
    before[name] ?? '',
    after[name] ?? '',
    before[name] === after[name] ? 'equal' : 'DIFFERENT',
  ]);
  for (const line of textTable(['projection', 'before', 'after', ''], rows)) context.data(line);
  context.data('');
  if (from !== undefined) {
    context.data(
      `begun from the snapshot of ${from.takenAt.slice(0, 10)}, at journal position ${count(from.position)}`,
    );
  }
  context.data(
    `${amount(items, 'item')} replayed in ${duration(seconds * 1_000)}: ${equal ? 'every projection is the same' : 'the projections DIFFER'}`,
  );
}
