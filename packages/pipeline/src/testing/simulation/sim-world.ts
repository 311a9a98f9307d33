import { type Instant, instant } from '@filrouge/domain/base';
import { DEFAULT_PURPOSES } from '@filrouge/domain/consent';
import { BEGINNING, END, type Node, type NodeId } from '@filrouge/domain/identity';
import {
  createMemoryAppendStore,
  createMemoryEventStore,
  createMemoryProjectionStore,
  createMemoryReadingStore,
  createVaultWith,
  MemoryDatabase,
  PLAIN,
} from '@filrouge/ports';
import { createDoor, type Door } from '../../door/door.ts';
import type { Submission, SubmissionOutcome } from '../../door/submission.ts';
import { createExporter } from '../../export/create-exporter.ts';
import { findPerson } from '../../profile/find-person.ts';
import { permissionOf } from '../../profile/person-permission.ts';
import { readTimeline } from '../../profile/read-timeline.ts';
import { createProjector, hasReached, type Projector } from '../../projector/projector.ts';
import { DEPLOYMENT, MAISON } from '../example-deployment.ts';
import { aReceipt, consent, identifier, item, submission } from '../told-items.ts';
import { type PlantedBug, planted } from './planted-bugs.ts';
import { type Act, type Command, NAMES, type ScriptedItem, START } from './script.ts';
import { SeededRandom } from './seeded-random.ts';
import { type FaultMix, NO_FAULTS, SimProcess } from './sim-process.ts';
import { type Stores, storesOf } from './stores-of-process.ts';
import { isOfPerson, ToldFacts } from './told-facts.ts';
import { VirtualTime } from './virtual-time.ts';

type Life<Role> = { readonly process: SimProcess; readonly stores: Stores; readonly role: Role };

/** How long a caller waits for an answer before it sends again. Unit: ms. */
const PATIENCE = 4_000;

/** One installation, its callers and what befalls them: everything that is chosen is chosen by the seed. */
export class SimWorld {
  readonly facts = new ToldFacts();
  readonly database = new MemoryDatabase();
  readonly vault = createVaultWith(PLAIN);
  readonly violations: string[] = [];
  readonly engines: Stores;
  readonly time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #bug: PlantedBug | undefined;
  readonly #listen: (line: string) => void;
  readonly #faults: FaultMix;
  readonly #doors: Life<Door>[] = [];
  readonly #projectors: Life<Projector>[] = [];
  #isCalm = false;
  #isOver = false;
  #hash = 0x811c_9dc5;
  #steps = 0;
  #ids = 0;

  constructor(seed: number, options: { readonly bug?: PlantedBug; readonly listen?: (line: string) => void } = {}) {
    this.#random = new SeededRandom(seed);
    this.#bug = options.bug;
    this.#listen = options.listen ?? (() => undefined);
    this.time = new VirtualTime(START, this.#random);
    const rate = (most: number): number => (this.#random.chance(0.5) ? this.#random.next() * most : 0);
    this.#faults = { before: rate(0.05), after: rate(0.08), latency: this.#random.pick([2, 30, 400]) };
    this.engines = {
      append: createMemoryAppendStore(this.database, () => this.time.now as Instant),
      projection: createMemoryProjectionStore(this.database),
      reading: createMemoryReadingStore(this.database),
      events: createMemoryEventStore(),
    };
  }

  /** Plays it to the end and lets it come to rest; false where everybody waits for something that will not come. */
  async play(script: readonly (readonly Command[])[]): Promise<boolean> {
    for (const n of [0, 1]) {
      this.#openDoor(n);
      void this.#project(n);
    }
    let hasEnded = false;
    const end = (): void => {
      hasEnded = true;
    };
    Promise.all(script.map((commands) => this.#live(commands)))
      .then(() => this.#comeToRest())
      .then(end, (fault: unknown) => {
        this.violations.push(`the simulation itself failed: ${fault instanceof Error ? fault.stack : String(fault)}`);
        end();
      });
    const cameToRest = await this.time.run(() => hasEnded);
    this.#isOver = true;
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

  trace = (line: string): void => {
    this.#steps += 1;
    const text = `${this.time.now - START} ${line}`;
    for (let at = 0; at < text.length; at += 1) {
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(at), 0x0100_0193);
    }
    this.#listen(text);
  };

  readonly node = (name: string, brand = MAISON): NodeId => {
    const { namespace, value } = identifier(name);
    return this.vault.lookup(brand, namespace, value);
  };

  #personNode(name: string): Node {
    return { namespace: identifier(name).namespace, id: this.node(name) };
  }

  #spawn(name: string): Omit<Life<unknown>, 'role'> {
    const world = {
      time: this.time,
      random: this.#random,
      mix: () => (this.#isCalm ? NO_FAULTS : this.#faults),
      trace: this.trace,
    };
    const process = new SimProcess(name, world, this.#random.below(2_000) - 1_000);
    return { process, stores: planted(this.#bug, storesOf(process, this.engines), process, this.time) };
  }

  #openDoor(n: number): void {
    const life = this.#spawn(`door ${n}`);
    const door = createDoor({
      store: life.stores.append,
      vault: this.vault,
      deployment: DEPLOYMENT,
      newId: () => {
        this.#ids += 1;
        return `00000000-0000-4000-9000-${this.#ids.toString(16).padStart(12, '0')}`;
      },
      isEngineFault: () => true,
    });
    this.#doors[n] = { ...life, role: door };
  }

  async #project(n: number): Promise<void> {
    while (!this.#isOver) {
      const life = this.#spawn(`projector ${n}`);
      const { stores, process } = life;
      const deps = { store: stores.projection, events: stores.events, vault: this.vault, purposes: DEFAULT_PURPOSES };
      const projector = createProjector({ ...deps, now: () => process.now() });
      this.#projectors[n] = { ...life, role: projector };
      while (process.isAlive && !this.#isOver) {
        const done = await orDeath(process, projector.step()).catch(() => 'fault');
        await this.time.sleep(done === 'full' || done === 'some' ? 10 : 1_000 + this.#random.below(4_000));
      }
      await this.time.sleep(this.#random.below(500));
    }
  }

  async #live(commands: readonly Command[]): Promise<void> {
    for (const { pause, act } of commands) {
      await this.time.sleep(pause);
      await this.#perform(act);
    }
  }

  #perform(act: Act): Promise<void> {
    switch (act.do) {
      case 'send':
        return this.#send(act);
      case 'decide':
        return this.#decide(act);
      case 'separate':
        return this.#separate(act);
      case 'erase':
        return this.#erase(act.who);
      case 'look':
        return this.#look(act);
      case 'export':
        return this.#export(act);
      case 'kill':
        return this.#kill(act);
      case 'lose the lease':
        this.database.projectorLease = undefined;
        return Promise.resolve();
      case 'replay':
        return this.#replay();
    }
  }

  /** Sends until an answer is heard. */
  async #submit(made: (now: Instant) => Submission): Promise<SubmissionOutcome> {
    for (;;) {
      const { process, role } = this.#random.pick(this.#doors);
      const answered = process.isAlive
        ? await Promise.race([
            process.says(role.submit(made(process.now()))).catch(() => undefined),
            this.time.sleep(PATIENCE),
          ])
        : undefined;
      if (answered !== undefined) return answered;
      await this.time.sleep(50 + this.#random.below(500));
    }
  }

  async #send({ source, items }: Extract<Act, { do: 'send' }>): Promise<void> {
    const sentAt = this.time.now;
    const told = items.map((one) => ({ source, item: itemOf(one, sentAt), names: one.names }));
    for (const one of told) this.facts.items.set(one.item.messageId, one);
    const { items: outcomes } = await this.#submit((now) =>
      submission(source, now, { items: told.map((one) => one.item) }),
    );
    for (const [at, outcome] of outcomes.entries()) {
      Object.assign(told[at] as object, { outcome });
      this.trace(`answered ${told[at]?.item.messageId} ${outcome.kind}`);
    }
  }

  async #decide(command: Extract<Act, { do: 'decide' }>): Promise<void> {
    const { source, who, own, status, purpose } = command;
    const at = Math.trunc(this.time.now - 2_000) as Instant;
    const told = { brand: source.brand, who, own, purpose: purpose.id, status, at };
    this.facts.decisions.push(told);
    const record = consent(source, [who], status, [purpose], { at });
    const { consents } = await this.#submit((now) => submission(source, now, { consents: [record] }));
    if (consents[0]?.kind === 'recorded') Object.assign(told, { ackedAt: this.time.now });
    this.trace(`answered ${who} ${status} ${purpose.id} ${consents[0]?.kind}`);
  }

  async #separate({ a, b }: Extract<Act, { do: 'separate' }>): Promise<void> {
    const t = this.time.now as Instant;
    const told = { a, b, at: t };
    this.facts.separations.push(told);
    const said = { id: `${a} ${b} ${t}`, t, stands: true, by: 'dana', reason: 'two customers' };
    const fact = { ...said, a: this.#personNode(a), b: this.#personNode(b) };
    for (let isDone = false; !isDone; ) {
      const { process, stores } = this.#random.pick(this.#doors);
      if (process.isAlive) {
        isDone = await Promise.race([
          process.says(stores.projection.project((transaction) => transaction.putSeparation(MAISON, fact))).then(
            () => true,
            () => false,
          ),
          this.time.sleep(PATIENCE).then(() => false),
        ]);
      }
      await this.time.sleep(100);
    }
    Object.assign(told, { acked: true });
  }

  /** What is left of an erasure: the tombstone, as every door meets it (S14). */
  async #erase(who: string): Promise<void> {
    const node = this.node(who);
    const journalPosition = await this.database.transaction((draft) => {
      draft.tombstone.put(node, { node, erasedAt: this.time.now as Instant });
      const head = draft.head.get('one');
      if (head === undefined) return 0;
      const identityVersion = head.identityVersion + 1;
      draft.head.put('one', { ...head, identityVersion });
      draft.change.put(String(identityVersion), { version: identityVersion, nodes: [node] });
      return head.journalPosition;
    });
    this.trace(`erased ${who} at ${journalPosition}`);
    this.facts.erasures.push({ who, brand: MAISON, doneAt: journalPosition });
  }

  async #look({ who, purpose }: Extract<Act, { do: 'look' }>): Promise<void> {
    const { process, stores } = this.#random.pick(this.#doors);
    const since = this.time.now;
    const now = process.now();
    await orDeath(process, this.#timeline(stores, who, purpose, now)).then(
      (shown) => {
        if (shown === undefined || !process.isAlive) return;
        this.trace(`saw ${shown.ids.join()} of ${who} for ${purpose.id}`);
        const closed = this.facts.isClosed({
          brand: MAISON,
          who: new Set(shown.members),
          whole: true,
          purpose: purpose.id,
          since,
        });
        const unheard = this.facts.isUnheard(MAISON, purpose.id);
        for (const id of shown.ids) {
          const named = this.facts.items.get(id)?.names.some(isOfPerson) === true;
          if (closed && named)
            this.violations.push(`5: ${id} of ${shown.members.join()} was shown for ${purpose.id} after a no`);
          if (unheard) this.violations.push(`6: ${id} was shown for ${purpose.id}, to which nobody said yes`);
        }
        if (shown.ids.length > 0) this.#checkProof(shown.recordId, purpose.id);
      },
      () => undefined,
    );
  }

  async #timeline(stores: Stores, who: string, purpose: Parameters<typeof permissionOf>[2], now: Instant) {
    const { reading, events } = stores;
    const person = await findPerson(reading, MAISON, this.node(who), now);
    if (person === undefined) return undefined;
    const permission = permissionOf(reading, person, purpose, now);
    const deps = { reading, events, vault: this.vault, purposes: DEFAULT_PURPOSES };
    const { items } = await readTimeline(deps, person, permission, { limit: 100 });
    const { allowedBy } = permission;
    return {
      ids: items.map(({ value }) => value.id),
      members: person.members.map(({ node }) => this.#nameOf(node.node.id)),
      recordId: allowedBy?.by === 'consent' ? allowedBy.recordId : undefined,
    };
  }

  #checkProof(recordId: string | undefined, purpose: string): void {
    if (recordId === undefined) return;
    const proof = [...this.database.view.fact.values()].find(
      (fact) => fact.recordId === recordId && fact.purpose === purpose && fact.status === 'given',
    );
    if (proof === undefined)
      this.violations.push(`14: record ${recordId}, on which a look rested, is no yes to ${purpose}`);
  }

  async #export({ purpose }: Extract<Act, { do: 'export' }>): Promise<void> {
    const { process, stores } = this.#random.pick(this.#doors);
    const deps = { reading: stores.reading, events: stores.events, vault: this.vault, deployment: DEPLOYMENT };
    const span = { from: BEGINNING, to: END };
    const exporter = createExporter(deps, { kind: 'people', brand: MAISON, purpose, now: process.now(), span });
    const reading = async () => {
      const rows = [];
      for await (const page of exporter.pages()) rows.push(...page.rows);
      await this.time.sleep(this.#random.below(20_000));
      const since = this.time.now;
      const published = this.#bug === 'exports are not asked again' ? rows : await exporter.again(rows);
      return { since, published };
    };
    await orDeath(process, reading()).then(
      ({ since, published }) => {
        const items = published.flatMap((row) => row?.items ?? []);
        this.trace(`exported ${items.length} for ${purpose.id}`);
        for (const { identifiers } of items) {
          const names = namesOf(identifiers as Readonly<Record<string, string>>);
          if (this.facts.isClosed({ brand: MAISON, who: names, whole: false, purpose: purpose.id, since })) {
            this.violations.push(`5: ${[...names].join()} was exported for ${purpose.id} after a no`);
          }
        }
      },
      () => undefined,
    );
  }

  async #kill({ role, which }: Extract<Act, { do: 'kill' }>): Promise<void> {
    if (role === 'projector') {
      this.#projectors[which]?.process.kill();
      return;
    }
    this.#doors[which]?.process.kill();
    await this.time.sleep(this.#random.below(1_000));
    this.#openDoor(which);
  }

  async #replay(): Promise<void> {
    const { process, role } = this.#random.pick(this.#projectors);
    await orDeath(process, role.replay()).then(
      () => this.trace('replayed'),
      () => undefined,
    );
  }

  /** From here on nothing fails: everything that was acknowledged has to find its place (liveness). */
  async #comeToRest(): Promise<void> {
    this.#isCalm = true;
    for (let waited = 0; waited < 2_000; waited += 1) {
      const { projection } = this.engines;
      if (hasReached(await projection.position(), await projection.head()) && waited > 3) return;
      await this.time.sleep(200);
    }
    this.violations.push('liveness: what waits is not projected');
  }

  #nameOf(node: NodeId): string {
    return NAMES.find((name) => this.node(name) === node) ?? node;
  }
}

function orDeath<T>(process: SimProcess, work: Promise<T>): Promise<T> {
  return Promise.race([work, process.death]);
}

function itemOf(one: ScriptedItem, sentAt: number) {
  const { kind, names, messageId, age, session } = one;
  const receipt = kind === 'ticket' || kind === 'order' ? { receipt: aReceipt(`R-${messageId}`, { kind }) } : {};
  return item(kind, names, {
    messageId,
    ...(age === undefined ? {} : { t: instant(Math.trunc(sentAt - age)) }),
    ...(session === undefined ? {} : { session }),
    ...receipt,
  });
}

const NAMESPACES: Readonly<Record<string, string>> = {
  userId: 'user_id',
  loyaltyCard: 'loyalty_card',
  email: 'email',
};

function namesOf(identifiers: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(Object.entries(identifiers).map(([field, value]) => `${NAMESPACES[field] ?? field}:${value}`));
}
