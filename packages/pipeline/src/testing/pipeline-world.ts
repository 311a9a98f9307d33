import { type Instant, instant } from '@filrouge/domain/base';
import {
  type ConsentStatus,
  type ConsentSubmission,
  DEFAULT_PURPOSES,
  type FactStatus,
  type Purpose,
  type Use,
} from '@filrouge/domain/consent';
import type { BrandId, Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { type Node, type NodeId, type SeparationFact, threadOf } from '@filrouge/domain/identity';
import {
  type AppendStore,
  createMemoryAppendStore,
  createMemoryEventStore,
  createMemoryProjectionStore,
  createMemoryReadingStore,
  createMemoryVault,
  type EventStore,
  MemoryDatabase,
  type ProjectionStore,
  type ReadingStore,
  type Vault,
} from '@filrouge/ports';
import { readConsents } from '../consents/read-consents.ts';
import { createDoor, type Door } from '../door/door.ts';
import type { Submission, SubmissionOutcome } from '../door/submission.ts';
import { type FoundPerson, findPerson } from '../profile/find-person.ts';
import { permissionOf } from '../profile/person-permission.ts';
import { readTraits } from '../profile/read-profile.ts';
import { readTimeline } from '../profile/read-timeline.ts';
import { createProjector, type Projector } from '../projector/projector.ts';
import { DEPLOYMENT, MAISON } from './example-deployment.ts';
import { consent, identifier, submission, type ToldConsent } from './told-items.ts';

/** `2026-01-10` is midnight UTC, `2026-01-10T10:00:20` that second. */
export function at(text: string): Instant {
  return instant(Date.parse(text.length === 10 ? `${text}T00:00:00Z` : `${text}Z`));
}

export class EngineDown extends Error {
  override readonly name = 'EngineDown';
}

/** Door, projector and reading over memory engines, with a clock that stands still. */
export class PipelineWorld {
  readonly database = new MemoryDatabase();
  readonly vault: Vault;
  readonly store: AppendStore;
  readonly projection: ProjectionStore;
  readonly reading: ReadingStore;
  readonly events: EventStore;
  readonly door: Door;
  readonly projector: Projector;
  now: Instant = at('2026-11-20T12:00:00');
  #ids = 0;

  constructor(options: { readonly vault?: Vault; readonly events?: EventStore } = {}) {
    this.vault = options.vault ?? createMemoryVault();
    this.store = createMemoryAppendStore(this.database, () => this.now);
    this.projection = createMemoryProjectionStore(this.database);
    this.reading = createMemoryReadingStore(this.database);
    this.events = options.events ?? createMemoryEventStore();
    this.door = this.openDoor();
    this.projector = this.openProjector();
  }

  /** Another process at the same database. */
  openDoor(store: AppendStore = this.store): Door {
    return createDoor({
      store,
      vault: this.vault,
      deployment: DEPLOYMENT,
      newId: () => {
        this.#ids += 1;
        return `00000000-0000-4000-9000-${this.#ids.toString(16).padStart(12, '0')}`;
      },
      isEngineFault: (fault) => fault instanceof EngineDown,
    });
  }

  openProjector(
    events: EventStore = this.events,
    store: ProjectionStore = this.projection,
    vault: Vault = this.vault,
  ): Projector {
    return createProjector({ store, events, vault, purposes: DEFAULT_PURPOSES, now: () => this.now });
  }

  /** Says that two identifiers are not one person, or may be again (S13), and projects until it holds. */
  async separate(brand: BrandId, separation: SeparationFact & { readonly reason: string }): Promise<void> {
    await this.projection.project((transaction) => transaction.putSeparation(brand, separation));
    await this.projector.drain();
  }

  /** Sends items at an instant, and moves the clock there. */
  send(
    source: Source,
    now: Instant,
    items: readonly IncomingItem[],
    said: Partial<Submission> = {},
  ): Promise<SubmissionOutcome> {
    this.now = now;
    return this.door.submit(submission(source, now, { items, ...said }));
  }

  /** Says yes or no; throws where the ledger refuses it. */
  async decide(
    source: Source,
    who: readonly string[],
    status: FactStatus,
    purposes: readonly Purpose[],
    told: ToldConsent & { readonly received?: Instant; readonly signed?: boolean; readonly token?: boolean },
  ): Promise<void> {
    const { received = told.at, signed = false, token = false } = told;
    const record: ConsentSubmission = consent(source, who, status, purposes, told);
    const trust = { ...(signed ? { signed } : {}), ...(token ? { witness: 'token' as const } : {}) };
    const { consents } = await this.send(source, received, [], { consents: [record], ...trust });
    for (const outcome of consents) if (outcome.kind === 'refused') throw new Error(outcome.message);
  }

  node(text: string, brand: BrandId = MAISON): Node {
    const { namespace, value } = identifier(text);
    return { namespace, id: this.vault.lookup(brand, namespace, value) };
  }

  id(text: string, brand: BrandId = MAISON): NodeId {
    return this.node(text, brand).id;
  }

  /** What is left of an erasure: the tombstone alone, as the door meets it (S14). */
  async entomb(text: string, erasedAt: Instant, brand: BrandId = MAISON): Promise<void> {
    const node = this.id(text, brand);
    await this.database.transaction((draft) => {
      draft.tombstone.put(node, { node, erasedAt });
      const head = draft.head.get('one');
      if (head === undefined) return;
      const identityVersion = head.identityVersion + 1;
      draft.head.put('one', { ...head, identityVersion });
      draft.change.put(String(identityVersion), { version: identityVersion, nodes: [node] });
    });
  }

  person(text: string, now: Instant = this.now, brand: BrandId = MAISON): Promise<FoundPerson | undefined> {
    return findPerson(this.reading, brand, this.id(text, brand), now);
  }

  async status(text: string, of: Purpose, now: Instant = this.now, brand: BrandId = MAISON): Promise<ConsentStatus> {
    const standings = await readConsents(this.reading, this.node(text, brand), [of], now);
    return standings[of.id]?.status ?? 'unknown';
  }

  /** Message ids of a person's timeline for one purpose, oldest first. */
  async timeline(
    text: string,
    of: Purpose,
    now: Instant = this.now,
    brand: BrandId = MAISON,
  ): Promise<readonly string[]> {
    const person = await this.person(text, now, brand);
    if (person === undefined) return [];
    const deps = { reading: this.reading, events: this.events, vault: this.vault, purposes: DEFAULT_PURPOSES };
    const permission = permissionOf(this.reading, person, of, now);
    const { items } = await readTimeline(deps, person, permission, { limit: 1_000 });
    return items.map(({ value }) => value.id).reverse();
  }

  /** Names and values of the traits a purpose may see. */
  async traits(text: string, of: Purpose, now: Instant = this.now, brand: BrandId = MAISON): Promise<object> {
    const person = await this.person(text, now, brand);
    if (person === undefined) return {};
    const permission = permissionOf(this.reading, person, of, now);
    const shown = await readTraits({ reading: this.reading, vault: this.vault }, person, permission);
    return Object.fromEntries(Object.entries(shown).map(([name, { value }]) => [name, value.value]));
  }

  /** Events of one thread that the event store's own predicate lets through for a use. */
  async rows(text: string, of: Purpose, use: Use, now: Instant, brand: BrandId = MAISON): Promise<number> {
    const person = await this.person(text, now, brand);
    const threads = [...(person?.members ?? []), ...(person?.devices ?? [])].flatMap(({ thread, spans }) =>
      spans.map((span) => ({ thread, ...span })),
    );
    const own = threads.length > 0 ? threads : [];
    const permission = { purpose: of, use, now };
    const { rows } = await this.events.timeline({ brand, threads: own, permission, limit: 1_000 });
    return rows.length;
  }

  thread(text: string, brand: BrandId = MAISON): ReturnType<typeof threadOf> {
    return threadOf(this.id(text, brand));
  }

  /** Everything that two histories of the same facts must agree on. */
  async digests(): Promise<object> {
    return { ...(await this.projection.digest()), ...(await this.events.digest()) };
  }
}
