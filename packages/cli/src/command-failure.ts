import { EXIT, type ExitCode } from './exit-code.ts';

/** A problem document as a server answered it (RFC 9457). */
export type ServerProblem = Readonly<Record<string, unknown>>;

type MoreOfFailure = { readonly problem?: ServerProblem | undefined; readonly code?: string };

/**
 * An expected failure of a command: what went wrong, and how to mend it, without full stops. It is printed as
 * `filrouge: <what>. <how to mend>.` on stderr; anything else that is thrown is a bug and is printed with its stack.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly mend: string;
  readonly exitCode: ExitCode;
  /** What a server said, where it was a server that refused; `--json` hands it on. */
  readonly problem: ServerProblem | undefined;
  /** What `--json` calls it where neither a server nor the exit code says more, e.g. `no-such-file`. */
  readonly code: string | undefined;

  constructor(what: string, mend: string, exitCode: ExitCode = EXIT.failed, { problem, code }: MoreOfFailure = {}) {
    super(what);
    this.mend = mend;
    this.exitCode = exitCode;
    this.problem = problem;
    this.code = code;
  }
}
