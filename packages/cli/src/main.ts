import { text } from 'node:stream/consumers';
import { askOnTerminal } from './ask-on-terminal.ts';
import { runProgram } from './program.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { harmless } from './words/harmless.ts';

// Who reads may leave early (`filrouge … | head`): what is left to say is then said to nobody, and that is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE') throw fault;
  });
}

const stop = stopOnSignals();
process.exitCode = await runProgram(process.argv.slice(2), {
  // A file or a pipe gets its bytes as they are.
  stdout: (line) => process.stdout.write(process.stdout.isTTY ? harmless(line) : line),
  // The callback comes also where nobody reads any more.
  taken: () => new Promise((resolve) => process.stdout.write('', () => resolve())),
  stderr: (line) => process.stderr.write(line),
  stdin: () => text(process.stdin),
  ask: askOnTerminal(stop),
  environment: process.env,
  directory: process.cwd(),
  stop,
});
