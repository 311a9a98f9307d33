import { resolve } from 'node:path';
import { verifyBackup } from '@filrouge/server';
import type { Command } from 'commander';
import type { Perform } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { asFailure } from '../serve/open-server.ts';
import { amount, count } from '../words/figures.ts';
import { megabytes, shareTeller } from '../words/share-teller.ts';
import { textTable } from '../words/text-table.ts';

/** `filrouge backup verify DIR`: every file of a backup compared with its manifest. */
export function registerBackupVerify(program: Command, perform: Perform): void {
  program
    .command('verify')
    .description('compare every file of a backup with its manifest; exit code 3 when they differ')
    .argument('<directory>', 'the backup')
    .addHelpText(
      'after',
      `
Needs nothing but the directory: neither keys nor a configuration.
Exit code: 0 whole, 1 its manifest is damaged, 2 wrong usage, 3 files differ from the manifest.`,
    )
    .action(perform<object, [directory: string]>((context, _options, named) => verify(context, named)));
}

async function verify(context: CommandContext, named: string): Promise<ExitCode> {
  const directory = resolve(context.directory, named);
  const onChecked = shareTeller(context, 'checked');
  const { manifest, damages } = await verifyBackup({ directory, signal: context.stop, onChecked }).catch(
    (fault: unknown) => {
      throw context.stop.aborted ? fault : asFailure(fault, '', 0);
    },
  );
  const whole = damages.length === 0;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const { madeAt, journal, ledger } = manifest;
  if (context.json) {
    context.data(
      JSON.stringify({ directory, whole, madeAt, files: manifest.files.length, bytes, journal, ledger, damages }),
    );
    return whole ? EXIT.done : EXIT.differences;
  }
  for (const line of textTable(
    ['damage', 'file'],
    damages.map(({ path, damage }) => [damage, path]),
  )) {
    if (!whole) context.data(line);
  }
  const made = `made ${madeAt.slice(0, 16).replace('T', ' ')} UTC, up to journal position ${count(journal.to)}`;
  context.data(
    whole
      ? `whole: ${amount(manifest.files.length, 'file')}, ${megabytes(bytes)}, ${made}`
      : `DAMAGED: ${amount(damages.length, 'file')} of ${count(manifest.files.length)} differ from the manifest; ${made}`,
  );
  return whole ? EXIT.done : EXIT.differences;
}
