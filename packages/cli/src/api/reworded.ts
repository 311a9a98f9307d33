import { CommandFailure, type ServerProblem } from '../command-failure.ts';
import type { ExitCode } from '../exit-code.ts';

/** What is wrong and how to mend it, without full stops. */
export type FailureWords = { readonly what: string; readonly mend: string; readonly exitCode?: ExitCode };

/** Says what a server refused in the words of the command, where they tell more than the server's, which speak of addresses. */
export async function reworded<T>(
  asked: Promise<T>,
  wordsFor: (problem: ServerProblem) => FailureWords | undefined,
): Promise<T> {
  try {
    return await asked;
  } catch (fault) {
    if (!(fault instanceof CommandFailure) || fault.problem === undefined) throw fault;
    const words = wordsFor(fault.problem);
    if (words === undefined) throw fault;
    // Its texts would say it in the server's words beside ours.
    const { title: _title, detail: _detail, ...problem } = fault.problem;
    throw new CommandFailure(words.what, words.mend, words.exitCode ?? fault.exitCode, { problem });
  }
}
