import { resolve } from 'node:path';
import { planRestore, type Restored, type RestoreOptions, restoreBackup } from '@filrouge/server';
import { isBalanced } from '../api/flow.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { type Installation, readInstallation } from '../config/configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { asFailure } from '../serve/open-server.ts';
import { amount, count, duration } from '../words/figures.ts';
import { megabytes, shareTeller } from '../words/share-teller.ts';
import { textTable } from '../words/text-table.ts';

type Given = { readonly keys?: string; readonly force?: true };

const TOLD_EVERY_MS = 2_000;

/** `filrouge restore DIR`: an installation as it was at the end of a backup. */
export const registerRestore: Register = (program, perform) => {
  program
    .command('restore')
    .description('put the data of a backup into an empty data directory and build the rest again')
    .argument('<directory>', 'the backup')
    .option('--keys <directory>', 'the copy of the key files; default: the folder keys of the data directory')
    .option('--force', 'where the data directory is not empty, rename it aside; nothing is deleted')
    .addHelpText(
      'after',
      `
Nothing is changed before every file of the backup was compared with its manifest and the keys were found to be its own.
Then the files are copied, PostgreSQL recovers to the end of the backup, every projection is built again from the journal
and compared, and the books are checked. No port opens meanwhile, and no server starts on a directory whose restore was
not finished: give the same command again.

Where FILROUGE_CONSENTS_DIR names the second place of the consents, what people decided after the backup counts again
before anything is opened; where that place is newer than the backup and not whole, the restore fails.

FILROUGE_DATA_DIR says where to, FILROUGE_MASTER_KEY_FILE where the master key is; filrouge.config.ts is needed as for a
start. Give the newest copy of the keys: persons erased since the backup stay erased with it.
Examples: FILROUGE_DATA_DIR=/var/lib/filrouge filrouge restore /backups/2026-11-22 --keys /keys/filrouge
          filrouge restore /backups/2026-11-22 --dry-run
Exit code: 0 restored, 1 failed, 2 wrong usage, 3 restored, but projections came out otherwise or the books do not
balance, 130 interrupted.`,
    )
    .action(perform<Given, [directory: string]>(restore));
};

async function restore(context: CommandContext, given: Given, named: string): Promise<ExitCode> {
  const installation = await readInstallation(context);
  const options = optionsOf(context, installation, given, named);
  const { host, port } = installation.environment;
  const begun = performance.now();
  try {
    if (context.dryRun) {
      tellPlan(context, options, await planRestore(options));
      return EXIT.done;
    }
    const restored = await restoreBackup(options);
    const balanced = isBalanced(restored.flow);
    tell(context, options, { ...restored, balanced, seconds: Math.round(performance.now() - begun) / 1_000 });
    return balanced && restored.differing.length === 0 ? EXIT.done : EXIT.differences;
  } catch (fault) {
    throw context.stop.aborted ? fault : asFailure(fault, host, port);
  }
}

function optionsOf(
  context: CommandContext,
  installation: Installation,
  { keys, force }: Given,
  named: string,
): RestoreOptions {
  const begun = performance.now();
  let toldAt = begun;
  return {
    ...installation,
    directory: resolve(context.directory, named),
    keys: keys === undefined ? undefined : resolve(context.directory, keys),
    force: force === true,
    signal: context.stop,
    onProgress: context.progress,
    onChecked: shareTeller(context, 'checked'),
    onReplayed(items) {
      const now = performance.now();
      if (now - toldAt < TOLD_EVERY_MS) return;
      toldAt = now;
      context.progress(`${amount(items, 'item')} replayed`);
    },
  };
}

function tellPlan(
  context: CommandContext,
  { directory, environment }: RestoreOptions,
  plan: Awaited<ReturnType<typeof planRestore>>,
): void {
  const { bytes, aside, keysFrom, manifest } = plan;
  if (context.json) {
    const { madeAt, journal, ledger } = manifest;
    context.data(
      JSON.stringify({
        dryRun: true,
        directory,
        dataDir: environment.dataDir,
        madeAt,
        bytes,
        journal,
        ledger,
        keysFrom,
        aside,
      }),
    );
    return;
  }
  const first = aside === undefined ? '' : `rename ${environment.dataDir} to ${aside}, then `;
  context.data(
    `would ${first}put ${megabytes(bytes)} of ${directory} into ${environment.dataDir}, with the keys of ${keysFrom}; the backup is whole, nothing was done (--dry-run)`,
  );
}

function tell(
  context: CommandContext,
  { directory, environment }: RestoreOptions,
  done: Restored & { readonly balanced: boolean; readonly seconds: number },
): void {
  const { aside, consents, digest, differing, balanced, items, journalPosition, ledgerPosition, seconds } = done;
  const { madeAt } = done.manifest;
  const { dataDir, consentsDir } = environment;
  if (context.json) {
    const equal = differing.length === 0;
    context.data(
      JSON.stringify({
        directory,
        dataDir,
        madeAt,
        journalPosition,
        ledgerPosition,
        consents,
        items,
        digest,
        equal,
        balanced,
        aside,
        seconds,
      }),
    );
    return;
  }
  const rows = Object.entries(digest).map(([name, value]) => [
    name,
    value,
    differing.includes(name) ? 'DIFFERENT' : '',
  ]);
  for (const line of textTable(['projection', 'digest', ''], rows)) context.data(line);
  context.data('');
  if (aside !== undefined) context.data(`what was there is in ${aside}`);
  context.data(
    consentsDir === undefined
      ? 'what people decided after the backup is not known: FILROUGE_CONSENTS_DIR names no second place of the consents'
      : `${amount(consents.facts, 'decision')} made after the backup taken over from ${consentsDir}`,
  );
  context.data(balanced ? 'balanced: everything accepted is accounted for' : 'the books do NOT balance');
  context.data(
    `restored to journal position ${count(journalPosition)} (${madeAt.slice(0, 16).replace('T', ' ')} UTC), ${amount(items, 'item')} replayed, in ${duration(seconds * 1_000)}`,
  );
}
