import { DELIMITERS, type Delimiter, ENCODINGS, type Encoding, PRESETS, storeClock } from '@filrouge/wire/import';
import { type Command, Option } from 'commander';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit-code.ts';
import { FILE_FORMATS, type FileFormat } from './inspect-file.ts';

/** What can be said about a file instead of being found in it. */
export type FileOptions = {
  readonly format?: FileFormat;
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  readonly mapping?: string;
  readonly preset?: string;
  readonly dates?: 'dmy' | 'mdy' | 'ymd';
  readonly decimals?: 'comma' | 'point';
  readonly zone?: string;
  readonly country?: string;
};

const DELIMITER_NAMES: Readonly<Record<string, Delimiter>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
};

export function addFileOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'default: by the name of the file and its first bytes').choices(FILE_FORMATS),
    )
    .addOption(new Option('--encoding <name>', 'default: found in the file').choices(ENCODINGS))
    .option('--delimiter <sign>', 'comma, semicolon, tab or pipe (default: found in the file)')
    .option('--mapping <file>', 'which column means what (default: FILE.mapping.yaml, proposed where there is none)')
    .addOption(
      new Option('--preset <name>', 'a known export (default: recognised by its first line)').choices(
        PRESETS.map(({ name }) => name),
      ),
    )
    .addOption(
      new Option('--dates <order>', 'what comes first in dates, where the file leaves it open').choices([
        'dmy',
        'mdy',
        'ymd',
      ]),
    )
    .addOption(
      new Option('--decimals <sign>', 'what stands before decimals, where the file leaves it open').choices([
        'comma',
        'point',
      ]),
    )
    .option('--zone <zone>', 'of times without offset (default: the preset’s, or Europe/Paris)')
    .option('--country <code>', 'of telephone numbers and postal codes without country (default: the source’s, or FR)');
}

/** Errors: `CommandFailure` for a sign that sets no cells apart. */
export function delimiterOf({ delimiter }: FileOptions): Delimiter | undefined {
  if (delimiter === undefined) return undefined;
  const found = DELIMITER_NAMES[delimiter] ?? DELIMITERS.find((each) => each === delimiter);
  if (found !== undefined) return found;
  throw new CommandFailure(
    `--delimiter ${delimiter} sets no cells apart`,
    'Write comma, semicolon, tab or pipe',
    EXIT.usage,
  );
}

/** Errors: `CommandFailure` for a zone that nobody knows. */
export function zoneOf({ zone }: FileOptions): string | undefined {
  if (zone === undefined || storeClock(zone) !== undefined) return zone;
  throw new CommandFailure(`--zone ${zone} is no time zone`, 'Write its name, e.g. Europe/Paris', EXIT.usage);
}

/** Errors: `CommandFailure` for what is no country. */
export function countryOf({ country }: FileOptions, known: string | undefined): string {
  const code = country?.toUpperCase() ?? known ?? 'FR';
  if (/^[A-Z]{2}$/.test(code)) return code;
  throw new CommandFailure(`--country ${code} is no country`, 'Write two letters, e.g. FR', EXIT.usage);
}
