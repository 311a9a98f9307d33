import { DAY_MS, type Instant, instant } from '@filrouge/domain/base';
import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { Namespace } from '@filrouge/domain/identity';
import { createDoor, createProjector, findPerson } from '@filrouge/pipeline';
import {
  createMemoryAccessStore,
  createMemoryAppendStore,
  createMemoryEventStore,
  createMemoryProjectionStore,
  createMemoryReadingStore,
  createMemoryVault,
  MemoryDatabase,
} from '@filrouge/ports';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import { ApiTokens } from '../../access/api-tokens.ts';
import { IdentityTokens } from '../../access/identity-tokens.ts';
import { KeyQuota } from '../../access/key-quota.ts';
import { PersonQuota } from '../../access/person-quota.ts';
import { SourceKeys } from '../../access/source-keys.ts';
import { registerCollectRoutes } from '../../collect/collect-routes.ts';
import { registerConsentRoutes } from '../../collect/consent-routes.ts';
import { buildDeployment } from '../../config/build-deployment.ts';
import { createApp } from '../../http/create-app.ts';
import { registerConfirmationRoutes } from '../confirmation-routes.ts';

export const NOW: Instant = instant(Date.UTC(2026, 10, 21, 12));
const BRAND = 'maison' as BrandId;
export const NOTICE_TEXT = 'Recevez nos offres <une fois> par semaine.';

const CONFIG = {
  brands: [
    { id: 'maison', name: 'Maison & Fils', contact: 'vieprivee@maison.example' },
    { id: 'voisin', name: 'Voisin' },
  ],
  properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
  sources: [
    { id: 'web', brand: 'maison', property: 'site', kind: 'web' },
    { id: 'backend', brand: 'maison', property: 'site', kind: 'server', quotaPerSecond: 2 },
    { id: 'till', brand: 'maison', property: 'site', kind: 'store' },
  ],
  notices: [
    {
      id: 'letters',
      version: '1',
      brand: 'maison',
      purposes: ['email_marketing', 'profiling'],
      text: { fr: NOTICE_TEXT, en: 'Receive our offers once a week.' },
    },
  ],
};

export type Answer = LightMyRequestResponse;
type Headers = Readonly<Record<string, string>>;

/** Door, ledger and routes over engines in memory, with a clock that is set by hand. */
export class ConfirmationHouse {
  readonly database = new MemoryDatabase();
  readonly vault = createMemoryVault();
  readonly reading = createMemoryReadingStore(this.database);
  readonly deployment = buildDeployment(CONFIG, 'confirmations');
  readonly keys = new Map<string, string>();
  readonly store = createMemoryAppendStore(this.database, () => this.now);
  readonly projector = createProjector({
    store: createMemoryProjectionStore(this.database),
    events: createMemoryEventStore(),
    vault: this.vault,
    purposes: [...this.deployment.purposes.values()],
    now: () => this.now,
  });
  now: Instant = NOW;
  app!: FastifyInstance;
  token = '';

  static async open(): Promise<ConfirmationHouse> {
    const house = new ConfirmationHouse();
    await house.start();
    return house;
  }

  /** The same data under a new process: nothing is carried over but what was written. */
  async start(): Promise<void> {
    const { database, vault, deployment, reading, store } = this;
    const now = (): Instant => this.now;
    const access = createMemoryAccessStore(database);
    const keys = new SourceKeys(access, deployment, now);
    const tokens = new ApiTokens(access, now);
    const isEngineFault = (fault: unknown): boolean => fault instanceof EngineDown;
    const door = createDoor({
      store: { ...store, append: (work) => this.append(work) },
      vault,
      deployment,
      newId: uuidv7,
      isEngineFault,
    });
    const identityTokens = new IdentityTokens(deployment);
    const service = {
      door,
      keys,
      quota: new KeyQuota(),
      persons: new PersonQuota(),
      identityTokens,
      now,
      publicUrl: () => '',
      vault,
      deployment,
      reading,
      tokens,
      newId: uuidv7,
      isEngineFault,
    };
    this.app = createApp({ logger: pino({ level: 'silent' }), isEngineFault });
    registerCollectRoutes(this.app, service);
    registerConsentRoutes(this.app, service);
    registerConfirmationRoutes(this.app, service);
    for (const { id } of CONFIG.sources) this.keys.set(id, await keys.create(id as SourceId));
    this.token = await tokens.create('test', ['consents:read', 'consents:write']);
  }

  isDown = false;

  private append: typeof this.store.append = (work) => {
    if (this.isDown) throw new EngineDown();
    return this.store.append(work);
  };

  later(ms: number): void {
    this.now = instant(this.now + ms);
  }

  laterDays(days: number): void {
    this.later(days * DAY_MS);
  }

  /** Asks for a link, as the retailer's server does. */
  ask(said: object = {}, headers: Headers = { 'x-write-key': this.keys.get('backend') ?? '' }): Promise<Answer> {
    const payload = {
      subject: { email: 'ada@example.com', userId: 'ada' },
      brand: 'maison',
      property: 'site',
      decisions: [{ purpose: 'email_marketing' }],
      notice: { id: 'letters', version: '1' },
      ...said,
    };
    return this.app.inject({ method: 'POST', url: '/v1/consents/confirmations', headers, payload });
  }

  async tokenFor(said: object = {}): Promise<string> {
    return (await this.ask(said)).json().token as string;
  }

  open(token: string, language = 'fr-FR,fr;q=0.9'): Promise<Answer> {
    const url = `/v1/consents/confirm?token=${encodeURIComponent(token)}`;
    return this.app.inject({ method: 'GET', url, headers: { 'accept-language': language, accept: 'text/html' } });
  }

  /** Presses the button of the page. */
  press(token: string, language = 'fr'): Promise<Answer> {
    const headers = {
      accept: 'text/html,application/xhtml+xml',
      'accept-language': language,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const payload = new URLSearchParams({ token }).toString();
    return this.app.inject({ method: 'POST', url: '/v1/consents/confirm', headers, payload });
  }

  /** The same from a program: a shop that shows a page of its own. */
  confirm(token: unknown): Promise<Answer> {
    return this.app.inject({ method: 'POST', url: '/v1/consents/confirm', payload: { token } });
  }

  /** Records a decision at this instant. */
  async decide(status: string, said: object = {}, source = 'backend'): Promise<Answer> {
    const payload = {
      subject: { email: 'ada@example.com' },
      brand: 'maison',
      property: 'site',
      decisions: [{ purpose: 'email_marketing', status }],
      notice: { id: 'letters', version: '1' },
      channel: 'web',
      indicatedAt: new Date(this.now).toISOString(),
      indicatedBy: { kind: 'subject' },
      ...said,
    };
    const headers = { 'x-write-key': this.keys.get(source) ?? '' };
    return this.app.inject({ method: 'POST', url: '/v1/consents', headers, payload });
  }

  /** Sends one call with the key of a source. */
  async track(source: string, call: object): Promise<void> {
    const payload = { writeKey: this.keys.get(source), batch: [call] };
    await this.app.inject({ method: 'POST', url: '/v1/batch', payload });
  }

  async statusOf(query: string, purpose = 'email_marketing'): Promise<string> {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await this.app.inject({ method: 'GET', url: `/v1/consents?brand=maison&${query}`, headers });
    return answer.json().purposes[purpose].status as string;
  }

  node(namespace: string, value: string) {
    return this.vault.lookup(BRAND, namespace as Namespace, value);
  }

  /** The person behind an identifier, once everything is projected. */
  async personOf(namespace: string, value: string): Promise<string | undefined> {
    await this.projector.drain();
    return (await findPerson(this.reading, BRAND, this.node(namespace, value), this.now))?.id;
  }
}

class EngineDown extends Error {
  override readonly name = 'EngineDown';
}
