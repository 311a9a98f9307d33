import { Command } from 'commander';
import type { Perform, Register, Work } from './command.ts';
import { createContext, type GlobalOptions, type Surroundings } from './command-context.ts';
import { registerAccuracy } from './commands/accuracy.ts';
import { registerBackup } from './commands/backup.ts';
import { registerConfig } from './commands/config.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExport } from './commands/export.ts';
import { registerImport } from './commands/import.ts';
import { registerInit } from './commands/init.ts';
import { registerKey } from './commands/key.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerOpenapi } from './commands/openapi.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerReplay } from './commands/replay.ts';
import { registerReport } from './commands/report.ts';
import { registerRestore } from './commands/restore.ts';
import { registerSql } from './commands/sql.ts';
import { registerStart } from './commands/start.ts';
import { registerToken } from './commands/token.ts';
import { registerUser } from './commands/user.ts';
import { registerVerify } from './commands/verify.ts';
import { registerVersion } from './commands/version.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { explainFault } from './explain-fault.ts';
import { VERSION } from './version.ts';

/** All commands, in the order of `filrouge --help`. */
const COMMANDS: readonly Register[] = [
  registerInit,
  registerStart,
  registerDemo,
  registerImport,
  registerExport,
  registerReport,
  registerAccuracy,
  registerSql,
  registerDoctor,
  registerQuarantine,
  registerKey,
  registerToken,
  registerUser,
  registerConfig,
  registerOpenapi,
  registerMigrate,
  registerReplay,
  registerVerify,
  registerBackup,
  registerRestore,
  registerVersion,
];

/**
 * Runs `filrouge <argv>` and resolves to its exit code; never rejects. Usage faults are 2, a `CommandFailure` its own
 * code, anything thrown after the stop signal 130, any other exception 1 with its stack.
 */
export async function runProgram(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  function perform<Options extends object, Arguments extends readonly unknown[]>(work: Work<Options, Arguments>) {
    return async (...given: unknown[]): Promise<void> => {
      // commander hands over the arguments, then the command's options, then the command.
      const command = given.at(-1) as Command;
      const args = given.slice(0, -2) as unknown as Arguments;
      // An option that a command shares with the one above it (`--url` of `import` and `import list`) stands there.
      const options = command.optsWithGlobals() as Options;
      exitCode = await work(createContext(globalOptions(command), surroundings), options, ...args);
    };
  }
  const program = createProgram(perform, surroundings);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (fault) {
    return explainFault(fault, {
      stderr: surroundings.stderr,
      // Read here and not from commander: it may be the reading that failed.
      json: argv.includes('--json'),
      interrupted: surroundings.stop.aborted,
      command: commandIn(program, argv),
    });
  }
}

/** `filrouge key create` of `key --json create nobody`: the words that name a command, as far as they do. */
function commandIn(program: Command, argv: readonly string[]): string {
  let command = program;
  for (const word of argv.filter((each) => !each.startsWith('-'))) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
  }
  const names = [command.name()];
  for (let above = command.parent; above !== null; above = above.parent) names.unshift(above.name());
  return names.join(' ');
}

const AFTER_HELP = `
Exit codes: 0 done; 1 failed; 2 usage: the command line, or a name in it, cannot be followed; 3 differences found, by
doctor, verify, replay and backup verify, or lines refused by import; 130 interrupted.
A failure is one sentence on stderr and the way out. With --json it is one line of JSON there, in the shape of a problem
document (RFC 9457) with "exitCode"; on stdout is data alone.
filrouge <command> --help says more of each.`;

function createProgram(perform: Perform, surroundings: Surroundings): Command {
  const program = new Command('filrouge')
    .description('An open customer data platform with consent at its door.')
    .version(VERSION, '--version', 'print the version')
    .option('--json', 'data as JSON on stdout', false)
    .option('--quiet', 'no progress on stderr', false)
    .option('--yes', 'answer yes to every question', false)
    .option('--dry-run', 'say what would be done, do nothing', false)
    .helpOption('--help', 'print this help')
    .addHelpText('after', AFTER_HELP)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: surroundings.stdout, writeErr: surroundings.stderr, outputError: () => undefined })
    .exitOverride();
  for (const register of COMMANDS) register(program, perform);
  return program;
}

function globalOptions(command: Command): GlobalOptions {
  const { json, quiet, yes, dryRun } = command.optsWithGlobals<GlobalOptions>();
  return { json, quiet, yes, dryRun };
}
