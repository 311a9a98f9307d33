import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

/**
 * How a question is put to whoever sits at the terminal: its answer, empty where they leave. Undefined where there is no
 * terminal. Errors: that of the signal.
 */
export function askOnTerminal(stop: AbortSignal): ((question: string) => Promise<string>) | undefined {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return async (question) => {
    // Not as a terminal of its own: Ctrl-C must reach the process.
    const lines = createInterface({ input: stdin, output: stderr, terminal: false });
    try {
      const left = once(lines, 'close').then(() => '');
      return await Promise.race([lines.question(question, { signal: stop }), left]);
    } finally {
      lines.close();
    }
  };
}
