/** One system call as `strace -f -yy` saw it. */
export type TracedCall = {
  readonly name: string;
  /** Arguments and result, as they were printed. */
  readonly text: string;
  /** Lines of the log at which it began and ended: of two calls, the one with the smaller number was first. */
  readonly beganAt: number;
  readonly endedAt: number;
};

/** The calls of a log in the order of their ends; one that was cut off by the end of the log is not among them. */
export function tracedCalls(log: string): readonly TracedCall[] {
  const calls: TracedCall[] = [];
  const unfinished = new Map<string, { readonly name: string; readonly text: string; readonly beganAt: number }>();
  for (const [at, line] of log.split('\n').entries()) {
    const [, thread = '', said = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(said);
    if (resumed !== null) {
      const begun = unfinished.get(thread);
      unfinished.delete(thread);
      if (begun !== undefined && begun.name === resumed[1])
        calls.push({ ...begun, text: begun.text + (resumed[2] ?? ''), endedAt: at });
      continue;
    }
    const [, name, text = ''] = /^(\w+)\((.*)$/.exec(said) ?? [];
    if (name === undefined) continue;
    const cut = /^(.*)<unfinished \.\.\.>$/.exec(text);
    if (cut === null) calls.push({ name, text, beganAt: at, endedAt: at });
    else unfinished.set(thread, { name, text: cut[1] ?? '', beganAt: at });
  }
  return calls;
}

const SYNCS: ReadonlySet<string> = new Set(['fsync', 'fdatasync']);
const READS: ReadonlySet<string> = new Set(['read', 'readv', 'recvfrom', 'recvmsg']);
const WRITES: ReadonlySet<string> = new Set(['write', 'writev', 'sendto', 'sendmsg']);

/** What of a log is about acknowledgements: answers of 200, and those that no sync of the write-ahead log stood before. */
export type SyncedAcks = { readonly acks: number; readonly syncs: number; readonly tooEarly: readonly TracedCall[] };

/**
 * An answer holds when a sync of the write-ahead log began after the last of its request was read, since what the request
 * brought cannot have been in the log before, and ended before the first of its answer was written.
 */
export function syncedAcks(calls: readonly TracedCall[]): SyncedAcks {
  const syncs = calls.filter(({ name, text }) => SYNCS.has(name) && /\/pg_wal\/[^)]*\)\s*=\s*0$/.test(text));
  const tooEarly: TracedCall[] = [];
  let acks = 0;
  const asked = new Map<string, number>();
  for (const call of calls.toSorted((a, b) => a.endedAt - b.endedAt)) {
    const socket = /^\d+<(TCP[^>]*->[^>]*)>/.exec(call.text)?.[1];
    if (socket === undefined) continue;
    if (READS.has(call.name) && /=\s*[1-9]\d*$/.test(call.text)) asked.set(socket, call.endedAt);
    if (!WRITES.has(call.name) || !call.text.includes('"HTTP/1.1 200')) continue;
    const since = asked.get(socket);
    if (since === undefined) continue;
    acks += 1;
    if (!syncs.some(({ beganAt, endedAt }) => beganAt > since && endedAt < call.beganAt)) tooEarly.push(call);
  }
  return { acks, syncs: syncs.length, tooEarly };
}
