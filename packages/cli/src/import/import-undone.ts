import { CommandFailure } from '../command-failure.ts';

/** The import was undone since its run began: what was sent of it before is not there any more. */
export class ImportUndone extends CommandFailure {
  constructor(failure: CommandFailure) {
    super(failure.message, failure.mend, failure.exitCode, { problem: failure.problem });
  }
}
