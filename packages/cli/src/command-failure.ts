import { EXIT, type ExitCode } from './exit-code.ts';

/**
 * An expected failure of a command: what went wrong, and how to mend it, without full stops. It is printed as
 * `filrouge: <what>. <how to mend>.` on stderr; anything else that is thrown is a bug and is printed with its stack.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly mend: string;
  readonly exitCode: ExitCode;

  constructor(what: string, mend: string, exitCode: ExitCode = EXIT.failed) {
    super(what);
    this.mend = mend;
    this.exitCode = exitCode;
  }
}
