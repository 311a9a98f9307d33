import { EXIT } from './exit-code.ts';

/** A Ctrl-C may arrive twice, from the terminal and from npm: within this time it is the same wish. */
const SAME_WISH_MS_MAX = 1_000;

/** Aborts at the first SIGINT or SIGTERM; a second one after a second or more ends the process at once, with 130. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      controller.abort();
    } else if (now - firstAt >= SAME_WISH_MS_MAX) {
      process.exit(EXIT.interrupted);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
