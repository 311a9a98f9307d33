import type {
  AppendStore,
  AppendTransaction,
  EventStore,
  ProjectionStore,
  ProjectionTransaction,
  ProjectorLease,
  ReadingStore,
} from '@filrouge/ports';
import type { SimProcess } from './sim-process.ts';

/** The engines as one process reaches them. */
export type Stores = {
  readonly append: AppendStore;
  readonly projection: ProjectionStore;
  readonly reading: ReadingStore;
  readonly events: EventStore;
};

/** Every call goes over the process's own way; a transaction ends with the process that began it. */
export function storesOf(process: SimProcess, { append, projection, reading, events }: Stores): Stores {
  const called = <Port extends object>(name: string, port: Port): Port =>
    eachFunction(port, (part, effect) => process.call(`${name}.${part}`, effect));
  const appending = new Ways<AppendTransaction>((part, effect) => process.within(part, effect));
  const projecting = new Ways<ProjectionTransaction>((part, effect) => process.within(part, effect));
  return {
    append: {
      ...called('append', append),
      append: (work, claiming) =>
        process.call('append', () =>
          append.append((transaction) => Promise.race([work(appending.to(transaction)), process.death]), claiming),
        ),
    },
    projection: {
      ...called('projection', projection),
      snapshots: called('snapshots', projection.snapshots),
      imports: called('imports', projection.imports),
      lease: () => leaseOf(process, projection),
      async *journal(after, upTo) {
        await process.call('journal', () => undefined);
        yield* projection.journal(after, upTo);
      },
      async *threadSpans() {
        await process.call('threadSpans', () => undefined);
        yield* projection.threadSpans();
      },
      project: (work) =>
        process.call('project', () =>
          projection.project((transaction) => Promise.race([work(projecting.to(transaction)), process.death])),
        ),
    },
    reading: called('reading', reading),
    events: called('events', events),
  };
}

/** It ends with the process, and with the connection that it was asked on, as a session's lock does. */
async function leaseOf(process: SimProcess, projection: ProjectionStore): Promise<ProjectorLease | undefined> {
  let held: ProjectorLease | undefined;
  const free = async (): Promise<void> => held?.release();
  process.death.catch(free);
  const onConnection = async <T>(what: string, effect: () => Promise<T>): Promise<T> => {
    try {
      return await process.call(what, effect);
    } catch (fault) {
      await free();
      throw fault;
    }
  };
  const lease = await onConnection('lease', async () => {
    // Whoever asks over a connection that is gone has nothing.
    if (process.isAlive) held = await projection.lease();
    return held;
  });
  if (lease === undefined) return undefined;
  return {
    isHeld: () => onConnection('lease.isHeld', () => lease.isHeld()),
    release: () => onConnection('lease.release', () => lease.release()),
  };
}

type Call = (part: string, effect: () => Promise<unknown>) => Promise<unknown>;
type Way = (...said: readonly unknown[]) => Promise<unknown>;

function eachFunction<Port extends object>(port: Port, call: Call): Port {
  const parts = Object.entries(port).map(([name, part]: [string, unknown]) => [
    name,
    typeof part === 'function' ? (...said: readonly unknown[]) => call(name, () => part(...said)) : part,
  ]);
  return Object.fromEntries(parts) as Port;
}

/** The same for transactions, of which there are many: those of one kind share the ways to their functions. */
class Ways<Transaction extends object> {
  readonly #call: Call;
  #ways: object | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  to(transaction: Transaction): Transaction {
    this.#ways ??= this.#toEach(transaction);
    const reached: Record<string, unknown> = Object.create(this.#ways);
    reached['inner'] = transaction;
    for (const name of Object.keys(transaction)) {
      const part: unknown = transaction[name as keyof Transaction];
      if (typeof part !== 'function') reached[name] = part;
    }
    return reached as Transaction;
  }

  #toEach(transaction: Transaction): object {
    const call = this.#call;
    const ways: Record<string, Way> = {};
    for (const name of Object.keys(transaction)) {
      ways[name] = function (this: { readonly inner: Readonly<Record<string, Way>> }, ...said) {
        const { inner } = this;
        return call(name, () => inner[name]?.(...said) as Promise<unknown>);
      } as Way;
    }
    return ways;
  }
}
