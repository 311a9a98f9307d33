import { runProgram } from './program.ts';
import { stopOnSignals } from './stop-on-signals.ts';

process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  environment: process.env,
  directory: process.cwd(),
  stop: stopOnSignals(),
});
