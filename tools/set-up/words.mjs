import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Progress goes to stderr: stdout belongs to the data of the target. */
export function say(line) {
  process.stderr.write(`filrouge: ${line}\n`);
}

/** Set-up cannot go on; the message says what is wrong and how to mend it. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
