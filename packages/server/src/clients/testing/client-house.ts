import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@filrouge/domain/base';
import type { Namespace } from '@filrouge/domain/identity';
import type { FlowBySource } from '@filrouge/ports';
import { pino } from 'pino';
import { buildDeployment } from '../../config/build-deployment.ts';
import type { FilrougeConfig } from '../../config/config-schema.ts';
import { readEnvironment } from '../../config/environment.ts';
import { type RunningServer, startServer } from '../../start-server.ts';
import { type CapturingFront, openCapturingFront } from './capturing-front.ts';

const BRAND = 'maison';
const PROPERTY = 'site';
export const NOTICE = { id: 'banner', version: '3' } as const;
/** What its text asks for. */
const ASKED = ['audience_measurement', 'advertising', 'profiling', 'email_marketing'];
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

type SourceConfig = FilrougeConfig['sources'][number];
/** What a test's brand has beside its name. */
export type BrandSketch = Partial<FilrougeConfig['brands'][number]>;
export type SourceSketch = Pick<SourceConfig, 'id' | 'kind'> & Partial<SourceConfig>;

/** An event as `GET /api/profiles/…/events` tells it. */
export type ReadEvent = {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly at: string;
  readonly receivedAt: string;
  readonly source: string;
  readonly properties: JsonObject;
  readonly traits?: JsonObject;
  readonly receipt?: JsonObject;
  readonly purposes: readonly string[];
  readonly marks: readonly string[];
};

/** What a reader is told: the events, or that nobody is known, or that the purpose is closed. */
export type Timeline = readonly ReadEvent[] | 'profile-not-found' | 'purpose-not-permitted';

export type Who = Readonly<Partial<Record<'userId' | 'anonymousId' | 'loyaltyCard' | 'email', string>>>;

export type ConsentOptions = {
  readonly status?: 'given' | 'refused' | 'withdrawn';
  readonly key?: string;
  readonly channel?: string;
  readonly daysAgo?: number;
};

/** A real server with real engines, a front before it, and the questions that tests about clients ask. */
export type ClientHouse = {
  readonly server: RunningServer;
  /** Where everything is kept, until it is closed. */
  readonly directory: string;
  /** The server itself, without the front. */
  readonly url: string;
  readonly front: CapturingFront;
  readonly keyOf: (source: string) => string;
  /** Records a decision; by a server key, sixty days ago, unless told otherwise. */
  readonly decide: (who: Who, purposes: readonly string[], options?: ConsentOptions) => Promise<void>;
  /** Everything on the timeline of one person that a purpose may see, oldest first. */
  readonly timeline: (who: Who, purpose: string) => Promise<Timeline>;
  /** The id of the person behind an identifier. */
  readonly personOf: (who: Who, purpose: string) => Promise<string>;
  /** What waits for a decision. */
  readonly quarantined: () => Promise<readonly JsonObject[]>;
  /** How a visitor stands on each purpose, as `GET /v1/consents` says. */
  readonly statusesOf: (anonymousId: string) => Promise<Readonly<Record<string, string>>>;
  readonly flowOf: (source: string) => Promise<FlowBySource>;
  readonly close: () => Promise<void>;
};

const NAMESPACES: Readonly<Record<keyof Who, Namespace>> = {
  userId: 'user_id',
  anonymousId: 'anonymous_id',
  loyaltyCard: 'loyalty_card',
  email: 'email',
};

const NO_FLOW: FlowBySource = {
  accepted: 0,
  kept: 0,
  withheld: 0,
  duplicates: 0,
  refused: 0,
  bots: 0,
  withheldBy: {},
};

/** What every house of these tests has: one brand, one site, and a server source that brings the consents. */
function houseConfig(sources: readonly SourceSketch[], brand: BrandSketch): FilrougeConfig {
  return {
    brands: [{ id: BRAND, name: 'Maison', ...brand }],
    properties: [{ id: PROPERTY, brand: BRAND, name: 'Site', kind: 'site' }],
    sources: [{ id: 'consents', kind: 'server' } as const, ...sources].map((source) => ({
      brand: BRAND,
      property: PROPERTY,
      ...source,
    })),
    notices: [{ ...NOTICE, brand: BRAND, purposes: ASKED, text: { fr: 'Oui ?', en: 'Yes?' } }],
  };
}

/** Starts everything in a directory of its own and makes a key for each source. */
export async function openClientHouse(sources: readonly SourceSketch[], brand: BrandSketch = {}): Promise<ClientHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'filrouge-clients-'));
  const deployment = buildDeployment(houseConfig(sources, brand), 'client-house');
  const environment = readEnvironment({ FILROUGE_DATA_DIR: join(directory, 'data'), FILROUGE_PORT: '0' }, directory);
  const server = await startServer({
    environment,
    deployment,
    onProgress: () => undefined,
    onCrash: (what) => {
      throw new Error(what);
    },
    logger: pino({ level: 'silent' }),
  });
  const front = await openCapturingFront(server.url);
  const keys = new Map<string, string>();
  for (const id of deployment.sources.keys()) keys.set(id, await server.keys.create(id));
  const token = await server.tokens.create('tests', ['profiles:read', 'flow:read', 'quarantine:read']);
  const asked = (path: string): Promise<Asked> => ask(server, token, path);
  const keyOf = (source: string): string => {
    const key = keys.get(source);
    if (key === undefined) throw new Error(`there is no source ${source}`);
    return key;
  };
  return {
    server,
    directory,
    url: server.url,
    front,
    keyOf,
    decide: (who, purposes, options) => decide(server.url, keyOf('consents'), who, purposes, options),
    timeline: async (who, purpose) => timelineOf(await asked(pathOf(who, purpose, '/events', { limit: '1000' }))),
    personOf: async (who, purpose) => (await asked(pathOf(who, purpose))).body['id'] as string,
    quarantined: async () => (await asked('/api/quarantine')).body['items'] as readonly JsonObject[],
    statusesOf: (anonymousId) => statusesOf(server.url, keyOf('consents'), anonymousId),
    flowOf: async (source) => flowIn(await asked('/api/flow'), source),
    async close() {
      await front.close();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function decide(
  url: string,
  serverKey: string,
  who: Who,
  purposes: readonly string[],
  { key = serverKey, ...decision }: ConsentOptions = {},
): Promise<void> {
  const body = consentBody(who, purposes, decision);
  const response = await fetch(`${url}/v1/consents`, { method: 'POST', headers: basic(key), body });
  if (response.status !== 200) throw new Error(`consent refused: ${await response.text()}`);
}

async function statusesOf(url: string, key: string, anonymousId: string): Promise<Readonly<Record<string, string>>> {
  const query = new URLSearchParams({ anonymousId, brand: BRAND });
  const response = await fetch(`${url}/v1/consents?${query.toString()}`, { headers: basic(key) });
  const { purposes } = (await response.json()) as { readonly purposes: Record<string, { readonly status: string }> };
  return Object.fromEntries(Object.entries(purposes).map(([id, { status }]) => [id, status]));
}

/** The body of `POST /v1/consents`. */
export function consentBody(
  who: Who,
  purposes: readonly string[],
  { status = 'given', channel = 'web', daysAgo = 60 }: Omit<ConsentOptions, 'key'> = {},
): string {
  return JSON.stringify({
    subject: who,
    brand: BRAND,
    property: PROPERTY,
    decisions: purposes.map((purpose) => ({ purpose, status })),
    notice: NOTICE,
    channel,
    indicatedAt: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
    indicatedBy: { kind: 'subject' },
  });
}

export function basic(key: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` };
}

type Asked = { readonly status: number; readonly body: JsonObject };

async function ask(server: RunningServer, token: string, path: string): Promise<Asked> {
  await server.drain();
  const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as JsonObject };
}

function pathOf(who: Who, purpose: string, part = '', limit: object = {}): string {
  const [[field, value] = []] = Object.entries(who);
  const person = `${NAMESPACES[field as keyof Who]}:${encodeURIComponent(value ?? '')}`;
  return `/api/profiles/${person}${part}?${new URLSearchParams({ brand: BRAND, purpose, ...limit }).toString()}`;
}

function timelineOf({ status, body }: Asked): Timeline {
  if (status === 200) return (body['items'] as unknown as readonly ReadEvent[]).toReversed();
  const { code } = body;
  if (code === 'profile-not-found' || code === 'purpose-not-permitted') return code;
  throw new Error(`a timeline was answered ${status} ${JSON.stringify(body)}`);
}

function flowIn({ body }: Asked, source: string): FlowBySource {
  if (body['balanced'] !== true) throw new Error(`S2: the sums do not add up: ${JSON.stringify(body)}`);
  return (body['bySource'] as unknown as Readonly<Record<string, FlowBySource>>)[source] ?? NO_FLOW;
}

/** An identifier that no other test uses. */
export function someone(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}
