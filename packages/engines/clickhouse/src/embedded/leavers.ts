const ASK_AGAIN_MS = 100;

/** Ends the statements of clients that have left. */
export interface Leavers {
  /** The client of the statement whose text begins with `mark` has left. */
  left(mark: string): void;
  /** The statement has ended, however it did. */
  ended(mark: string): void;
}

/**
 * The engine stops only a statement that it has begun, and a client may leave between the admission of its statement
 * and its first step: so `kill` is asked again until the statement has ended. One `kill` runs at a time.
 */
export function createLeavers(kill: (marks: readonly string[]) => Promise<unknown>): Leavers {
  const waiting = new Set<string>();
  let asking = false;

  async function killUntilEnded(): Promise<void> {
    asking = true;
    while (waiting.size > 0) {
      // A kill that fails is asked again like one that found nothing.
      await kill([...waiting]).catch(() => undefined);
      if (waiting.size > 0) await new Promise((over) => setTimeout(over, ASK_AGAIN_MS));
    }
    asking = false;
  }

  return {
    left(mark) {
      waiting.add(mark);
      if (!asking) void killUntilEnded();
    },
    ended(mark) {
      waiting.delete(mark);
    },
  };
}
