import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import type { ExitCode } from './exit-code.ts';

/** The work of one command: its own options as commander read them, then its arguments; answers its exit code. */
export type Work<Options, Arguments extends readonly unknown[]> = (
  context: CommandContext,
  options: Options,
  ...args: Arguments
) => Promise<ExitCode>;

/**
 * Turns a command's work into what commander's `.action()` takes, e.g.
 * `perform<{ brand: string }, [file: string]>(async (context, options, file) => …)`.
 */
export type Perform = <Options extends object = object, Arguments extends readonly unknown[] = readonly []>(
  work: Work<Options, Arguments>,
) => (...given: unknown[]) => Promise<void>;

/** What a file of commands/ exports: puts its command into the program. */
export type Register = (program: Command, perform: Perform) => void;
