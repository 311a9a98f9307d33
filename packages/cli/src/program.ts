import { Command, CommanderError } from 'commander';
import type { Perform, Register, Work } from './command.ts';
import { createContext, type GlobalOptions, type Surroundings } from './command-context.ts';
import { CommandFailure } from './command-failure.ts';
import { registerConfig } from './commands/config.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerImport } from './commands/import.ts';
import { registerInit } from './commands/init.ts';
import { registerKey } from './commands/key.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerOpenapi } from './commands/openapi.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerReplay } from './commands/replay.ts';
import { registerReport } from './commands/report.ts';
import { registerStart } from './commands/start.ts';
import { registerToken } from './commands/token.ts';
import { registerUser } from './commands/user.ts';
import { registerVerify } from './commands/verify.ts';
import { registerVersion } from './commands/version.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { VERSION } from './version.ts';

/** All commands, in the order of `filrouge --help`. */
const COMMANDS: readonly Register[] = [
  registerInit,
  registerStart,
  registerDemo,
  registerImport,
  registerReport,
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
      exitCode = await work(createContext(globalOptions(command), surroundings), command.opts() as Options, ...args);
    };
  }
  try {
    await createProgram(perform, surroundings).parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, surroundings);
  }
}

function createProgram(perform: Perform, surroundings: Surroundings): Command {
  const program = new Command('filrouge')
    .description('An open customer data platform with consent at its door.')
    .version(VERSION, '--version', 'print the version')
    .option('--json', 'data as JSON on stdout', false)
    .option('--quiet', 'no progress on stderr', false)
    .option('--yes', 'answer yes to every question', false)
    .option('--dry-run', 'say what would be done, do nothing', false)
    .helpOption('--help', 'print this help')
    .configureOutput({ writeOut: surroundings.stdout, writeErr: surroundings.stderr, outputError: () => undefined })
    .exitOverride();
  for (const register of COMMANDS) register(program, perform);
  return program;
}

function globalOptions(command: Command): GlobalOptions {
  const { json, quiet, yes, dryRun } = command.optsWithGlobals<GlobalOptions>();
  return { json, quiet, yes, dryRun };
}

function explain(error: unknown, surroundings: Surroundings): ExitCode {
  const say = (what: string, mend: string): void => surroundings.stderr(`filrouge: ${what}. ${mend}.\n`);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done; // --help and --version end this way too
    // Without a command commander prints the help and has nothing more to say.
    if (error.code !== 'commander.help')
      say(
        error.message
          .replace(/^error: /, '')
          .replaceAll('\n', ' ')
          .replace(/\.$/, ''),
        'See filrouge --help',
      );
    return EXIT.usage;
  }
  if (surroundings.stop.aborted) {
    say('interrupted', 'Run the command again to go on');
    return EXIT.interrupted;
  }
  if (error instanceof CommandFailure) {
    say(error.message, error.mend);
    return error.exitCode;
  }
  surroundings.stderr(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  say('this is a fault of filrouge itself', 'Report it with the lines above, after taking personal data out of them');
  return EXIT.failed;
}
