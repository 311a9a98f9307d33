import { CommanderError } from 'commander';
import { CommandFailure, type ServerProblem } from './command-failure.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { failureOfFile } from './file-fault.ts';
import { harmless } from './words/harmless.ts';

/** What a command is said to have failed with. */
type Told = {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly what: string;
  readonly mend: string;
  readonly problem?: ServerProblem | undefined;
};

export type ExplainOptions = {
  readonly stderr: (text: string) => void;
  readonly json: boolean;
  /** The stop signal has fired: what is thrown after it is no fault. */
  readonly interrupted: boolean;
  /** The command that was asked for, as far as there is one: `filrouge key create`. */
  readonly command: string;
};

/**
 * Says why a command ended before its time and answers its exit code: one sentence and the way out, or with --json one
 * line in the shape of a problem document (RFC 9457) with its `exitCode`.
 */
export function explainFault(fault: unknown, options: ExplainOptions): ExitCode {
  const { json, interrupted, command } = options;
  const stderr = (text: string): void => options.stderr(harmless(text));
  const help = `See ${command} --help`;
  if (fault instanceof CommanderError) {
    if (fault.exitCode === 0) return EXIT.done; // --help and --version end this way too
    // Without a command commander prints the help and has nothing more to say.
    if (fault.code === 'commander.help') return EXIT.usage;
    return say({ exitCode: EXIT.usage, code: 'usage', what: oneLine(fault.message), mend: help });
  }
  if (interrupted) {
    const mend = 'Run the command again to go on';
    return say({ exitCode: EXIT.interrupted, code: 'interrupted', what: 'interrupted', mend });
  }
  const failure = fault instanceof CommandFailure ? fault : failureOfFile(fault);
  if (failure !== undefined) {
    const { exitCode, message: what, problem, code } = failure;
    const usage = exitCode === EXIT.usage;
    const mend = usage ? `${failure.mend}. ${help}` : failure.mend;
    return say({ exitCode, code: code ?? (usage ? 'usage' : 'failed'), what, mend, problem });
  }
  stderr(`${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`);
  return say({
    exitCode: EXIT.failed,
    code: 'internal',
    what: 'this is a fault of filrouge itself',
    mend: 'Report it with the lines above, after taking personal data out of them',
  });

  function say(told: Told): ExitCode {
    stderr(
      json
        ? `${JSON.stringify(problemOf(told))}\n`
        : `filrouge: ${told.what}.${told.what.includes('\n') ? '\n' : ' '}${told.mend}.\n`,
    );
    return told.exitCode;
  }
}

function problemOf({ exitCode, code, what, mend, problem }: Told): object {
  const own = { type: `urn:filrouge:problem:${code}`, title: `${what}.`, code, detail: `${mend}.`, pointer: '' };
  return { ...own, ...problem, message: `${what}. ${mend}.`, exitCode };
}

function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '');
}
