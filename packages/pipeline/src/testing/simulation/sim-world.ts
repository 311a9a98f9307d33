import type { Instant } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES } from '@filrouge/domain/consent';
import type { BrandId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import {
  createMemoryAppendStore,
  createMemoryProjectionStore,
  createMemoryReadingStore,
  createVaultWith,
  ImportClosed,
  type JournalEntry,
  MemoryDatabase,
  PLAIN,
  type ProjectionStore,
  type Vault,
} from '@filrouge/ports';
import { createDoor, type Door } from '../../door/door.ts';
import type { Submission, SubmissionOutcome } from '../../door/submission.ts';
import { createProjector, hasReached, type Projector } from '../../projector/projector.ts';
import { DEPLOYMENT, MAISON } from '../example-deployment.ts';
import { identifier } from '../told-items.ts';
import { type PlantedBug, planted } from './planted-bugs.ts';
import { type Act, type Command, NAMES, type Script, START } from './script.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimDisk } from './sim-disk.ts';
import { type FaultMix, NO_FAULTS, SimProcess } from './sim-process.ts';
import { type Stores, storesOf } from './stores-of-process.ts';
import { ToldFacts } from './told-facts.ts';
import { VirtualTime } from './virtual-time.ts';

export type Life<Role> = { readonly process: SimProcess; readonly stores: Stores; readonly role: Role };

/** How long a caller waits for an answer before it sends again. Unit: ms. */
const PATIENCE = 4_000;
/** So often nobody is refused by accident: something will never be answered. */
const ATTEMPTS_MAX = 400;

export type WorldOptions = { readonly bug?: PlantedBug; readonly listen?: (line: string) => void };

/** One installation, its callers and what befalls them: everything that is chosen is chosen by the seed. */
export class SimWorld {
  readonly facts = new ToldFacts();
  readonly vault: Vault;
  readonly violations: string[] = [];
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly bug: PlantedBug | undefined;
  readonly disk: SimDisk;
  readonly database: MemoryDatabase;
  readonly engines: Stores;
  readonly doors: Life<Door>[] = [];
  readonly projectors: Life<Projector>[] = [];
  /** Journal rows that are not kept any more. */
  readonly pruned = new Map<number, JournalEntry>();
  /** How often each fault was met. */
  readonly hits = new Map<string, number>();
  readonly #listen: (line: string) => void;
  readonly #faults: FaultMix;
  #isCalm = false;
  #isOver = false;
  #hash = 0x811c_9dc5;
  #steps = 0;
  #ids = 0;

  constructor(seed: number, start: Instant, options: WorldOptions = {}) {
    this.random = new SeededRandom(seed);
    this.bug = options.bug;
    this.#listen = options.listen ?? (() => undefined);
    this.time = new VirtualTime(start, this.random);
    const rate = (most: number): number => (this.random.chance(0.5) ? this.random.next() * most : 0);
    this.#faults = { before: rate(0.05), after: rate(0.08), latency: this.random.pick([2, 30, 400]) };
    const vault = createVaultWith(PLAIN);
    const lookup: Vault['lookup'] = (_brand, namespace, value) => vault.lookup(MAISON, namespace, value);
    this.vault = this.bug === 'brand left out of a key' ? { ...vault, lookup } : vault;
    this.disk = new SimDisk(this.time, this.random, this.bug === 'commits are not synced');
    this.database = new MemoryDatabase(this.disk);
    this.engines = {
      append: createMemoryAppendStore(this.database, () => this.time.now as Instant),
      projection: this.#rememberingPruned(createMemoryProjectionStore(this.database)),
      reading: createMemoryReadingStore(this.database),
      events: this.disk.events,
    };
  }

  /** Plays it to the end and lets it come to rest; false where everybody waits for something that will not come. */
  async play({ lives }: Script, perform: (act: Act) => Promise<void>): Promise<boolean> {
    for (const n of [0, 1]) {
      this.openDoor(n);
      void this.#project(n);
    }
    let hasEnded = false;
    const end = (): void => {
      hasEnded = true;
    };
    Promise.all(lives.map((commands) => this.#live(commands, perform)))
      .then(() => this.#comeToRest())
      .then(end, (fault: unknown) => {
        this.violations.push(`the simulation itself failed: ${fault instanceof Error ? fault.stack : String(fault)}`);
        end();
      });
    const cameToRest = await this.time.run(() => hasEnded);
    this.#isOver = true;
    this.disk.calm();
    return cameToRest;
  }

  /** Hash of everything that happened, in its order. */
  get traced(): string {
    return (this.#hash >>> 0).toString(16);
  }

  /** Calls to engines, and answers. */
  get steps(): number {
    return this.#steps;
  }

  readonly trace = (line: string): void => {
    this.#steps += 1;
    const text = `${this.time.now - START} ${line}`;
    for (let at = 0; at < text.length; at += 1) {
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(at), 0x0100_0193);
    }
    this.#listen(text);
  };

  readonly hit = (point: string): void => {
    this.hits.set(point, (this.hits.get(point) ?? 0) + 1);
  };

  readonly node = (name: string, brand: BrandId = MAISON): NodeId => {
    const { namespace, value } = identifier(name);
    return this.vault.lookup(brand, namespace, value);
  };

  nameOf(node: NodeId): string {
    return NAMES.find((name) => this.node(name) === node) ?? node;
  }

  anyDoor(): Life<Door> {
    return this.random.pick(this.doors);
  }

  openDoor(n: number): void {
    const life = this.#spawn(`door ${n}`);
    const door = createDoor({
      store: life.stores.append,
      vault: this.vault,
      deployment: DEPLOYMENT,
      newId: () => {
        this.#ids += 1;
        return `00000000-0000-4000-9000-${this.#ids.toString(16).padStart(12, '0')}`;
      },
      isEngineFault: (fault) => !(fault instanceof ImportClosed),
    });
    this.doors[n] = { ...life, role: door };
  }

  /** Sends until an answer is heard; `closed`: the import that it belongs to is over. */
  async submit(made: (now: Instant) => Submission): Promise<SubmissionOutcome | 'closed'> {
    for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts += 1) {
      const { process, role } = this.anyDoor();
      const answered = process.isAlive
        ? await Promise.race([
            process
              .says(role.submit(made(process.now())))
              .catch((fault: unknown) => (fault instanceof ImportClosed ? ('closed' as const) : undefined)),
            this.time.sleep(PATIENCE),
          ])
        : undefined;
      if (answered !== undefined) return answered;
      await this.time.sleep(50 + this.random.below(500));
    }
    throw new Error('nothing is answered, however often it is sent');
  }

  /** Does something at one door or the other until it was done there, and that was heard. */
  async insist<T>(work: (life: Life<Door>) => Promise<T>): Promise<T> {
    for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts += 1) {
      const life = this.anyDoor();
      if (life.process.isAlive) {
        const done = await Promise.race([
          life.process.says(work(life)).then(
            (answer) => ({ answer }),
            () => undefined,
          ),
          this.time.sleep(PATIENCE).then(() => undefined),
        ]);
        if (done !== undefined) return done.answer;
      }
      await this.time.sleep(100);
    }
    throw new Error('it is never done, however often it is asked for');
  }

  /** Everything goes down at once and comes up again by itself; what was not synced is there, or is not. */
  async cutPower(): Promise<void> {
    this.trace('the power goes');
    this.hit('power cut');
    for (const { process } of [...this.doors, ...this.projectors]) process.losePower();
    this.database.dropWaiting();
    await this.disk.cutPower();
    await this.time.sleep(this.random.below(2_000));
    for (const n of [0, 1]) if (this.doors[n]?.process.isAlive !== true) this.openDoor(n);
  }

  #spawn(name: string): Omit<Life<unknown>, 'role'> {
    const { time, random, trace, hit, database } = this;
    const mix = (): FaultMix => (this.#isCalm ? NO_FAULTS : this.#faults);
    const process = new SimProcess(name, { time, random, mix, trace, hit }, random.below(2_000) - 1_000);
    const stores = storesOf(process, this.engines);
    return { process, stores: planted(this.bug, stores, { process, time, database }) };
  }

  #rememberingPruned(projection: ProjectionStore): ProjectionStore {
    const { snapshots } = projection;
    const prune: typeof snapshots.prune = (beforeDay) => {
      for (const row of this.database.view.journal.values()) this.pruned.set(row.position, row);
      return snapshots.prune(beforeDay);
    };
    return { ...projection, snapshots: { ...snapshots, prune } };
  }

  async #project(n: number): Promise<void> {
    while (!this.#isOver) {
      const life = this.#spawn(`projector ${n}`);
      const { stores, process } = life;
      const deps = { store: stores.projection, events: stores.events, vault: this.vault, purposes: DEFAULT_PURPOSES };
      const projector = createProjector({ ...deps, now: () => process.now() });
      this.projectors[n] = { ...life, role: projector };
      while (process.isAlive && !this.#isOver) {
        const done = await orDeath(process, projector.step()).catch(() => 'fault');
        await this.time.sleep(done === 'full' || done === 'some' ? 10 : 1_000 + this.random.below(4_000));
      }
      await this.time.sleep(this.random.below(500));
    }
  }

  async #live(commands: readonly Command[], perform: (act: Act) => Promise<void>): Promise<void> {
    for (const { pause, act } of commands) {
      await this.time.sleep(pause);
      await perform(act);
    }
  }

  /** From here on nothing fails: everything that was acknowledged has to find its place (liveness). */
  async #comeToRest(): Promise<void> {
    this.#isCalm = true;
    for (let waited = 0; waited < 2_000; waited += 1) {
      const { projection } = this.engines;
      const head = await projection.head();
      if (hasReached(await projection.position(), head) && head.undoing === undefined && waited > 3) return;
      await this.time.sleep(200);
    }
    this.violations.push('liveness: what waits is not projected');
  }
}

export function orDeath<T>(process: SimProcess, work: Promise<T>): Promise<T> {
  return Promise.race([work, process.death]);
}
