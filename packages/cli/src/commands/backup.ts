import { resolve } from 'node:path';
import { type BackupManifest, makeBackup, planBackup } from '@filrouge/server';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { environmentOf } from '../config/configuration.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { asFailure } from '../serve/open-server.ts';
import { amount, count, duration } from '../words/figures.ts';
import { megabytes, shareTeller } from '../words/share-teller.ts';
import { registerBackupVerify } from './backup-verify.ts';

type BackupOptions = { readonly keys?: string };

/** `filrouge backup DIR`: a copy of the data of an installation, made while it works. */
export const registerBackup: Register = (program, perform) => {
  const command = program
    .command('backup')
    .description('copy the data to a new directory, while the server runs or not')
    .argument('[directory]', 'the backup; it must not be there yet, or be empty')
    .option('--keys <directory>', 'bring the copy of the key files up to date there too, apart from the backup')
    .addHelpText(
      'after',
      `
Give it on the machine and as the user of the server, with the same FILROUGE_DATA_DIR and FILROUGE_MASTER_KEY_FILE.
While it is being made the directory is called DIRECTORY.part; under its own name it is whole, with a manifest of every
file's size and SHA-256.

The keys are not in it: without them nobody can read the personal data in a backup, and whoever is erased is erased in
every backup with the key. Keep three things in three places:
  the backup         as many as you like
  the key files      --keys DIRECTORY: one copy, always the newest; copies of earlier days would bring erased persons back
  the master key     by hand, offline: the file of FILROUGE_MASTER_KEY_FILE; it never changes by itself
Reports are not in it either: they are built again from the journal when it is restored.

Engines of your own (FILROUGE_POSTGRES_URL, FILROUGE_CLICKHOUSE_URL) have their own backup: exit code 2.
Examples: filrouge backup /backups/2026-11-22 --keys /keys/filrouge
          filrouge backup verify /backups/2026-11-22
Exit code: 0 made, 1 failed, 2 wrong usage, 130 interrupted; nothing is left of one that was not made.`,
    )
    .action(perform<BackupOptions, [directory: string | undefined]>(backup));
  registerBackupVerify(command, perform);
};

async function backup(context: CommandContext, options: BackupOptions, named: string | undefined): Promise<ExitCode> {
  if (named === undefined) {
    throw new CommandFailure('no directory is named', 'Name the directory of the backup', EXIT.usage);
  }
  const environment = environmentOf(context);
  const directory = resolve(context.directory, named);
  const keys = options.keys === undefined ? undefined : resolve(context.directory, options.keys);
  const begun = performance.now();
  try {
    if (context.dryRun) {
      const { bytes } = await planBackup({ environment, directory, keys });
      tellPlan(context, { directory, bytes, keys });
      return EXIT.done;
    }
    const manifest = await makeBackup({
      environment,
      directory,
      keys,
      signal: context.stop,
      onProgress: context.progress,
      onCopied: shareTeller(context, 'copied'),
    });
    tell(context, { directory, keys, manifest, seconds: Math.round(performance.now() - begun) / 1_000 });
    return EXIT.done;
  } catch (fault) {
    throw context.stop.aborted ? fault : asFailure(fault, environment.host, environment.port);
  }
}

function tellPlan(
  context: CommandContext,
  plan: { readonly directory: string; readonly bytes: number; readonly keys: string | undefined },
): void {
  if (context.json) {
    context.data(JSON.stringify({ dryRun: true, ...plan }));
    return;
  }
  const and = plan.keys === undefined ? '' : `, and the key files to ${plan.keys}`;
  context.data(
    `would copy ${megabytes(plan.bytes)} and the log written meanwhile to ${plan.directory}${and}; nothing was done (--dry-run)`,
  );
}

function tell(
  context: CommandContext,
  done: {
    readonly directory: string;
    readonly keys: string | undefined;
    readonly manifest: BackupManifest;
    readonly seconds: number;
  },
): void {
  const { directory, keys, manifest, seconds } = done;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const { madeAt, journal, ledger, postgres } = manifest;
  if (context.json) {
    const files = manifest.files.length;
    context.data(JSON.stringify({ directory, keys, madeAt, files, bytes, journal, ledger, postgres, seconds }));
    return;
  }
  context.data(
    `backup ${directory}: ${amount(manifest.files.length, 'file')}, ${megabytes(bytes)}, up to journal position ${count(journal.to)}, in ${duration(seconds * 1_000)}`,
  );
  context.data(
    keys === undefined
      ? 'the keys are not in it: filrouge backup --keys DIRECTORY copies the key files; the master key is copied by hand'
      : `the key files are in ${keys}; the master key is in neither: it is copied by hand`,
  );
}
