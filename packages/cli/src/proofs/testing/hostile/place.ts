import { setTimeout as pause } from 'node:timers/promises';
import { filrouge, type Said } from '../../../testing/run-filrouge.ts';

/** Without it a visit would be a bot's. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const PATIENCE_MS = 60_000;
const PURPOSES = ['audience_measurement', 'profiling', 'store_measurement', 'email_marketing'];

const NOTICE = { id: 'banner', version: '1' } as const;

/** A name that somebody gave to a thing of theirs: it is shown in pages, reports and on terminals. */
const NAMED = 'Maison </title><script>alert(1)</script>\u001b[31m=1+1';

/** A brand with a key of each kind, none of which is held back. */
export const HOSTILE_CONFIG = {
  brands: [{ id: 'maison', name: NAMED }],
  properties: [{ id: 'site', brand: 'maison', name: NAMED, kind: 'site' as const }],
  stores: [{ id: 'S1', brand: 'maison', name: NAMED, city: NAMED }],
  sources: (['web', 'app', 'server', 'store'] as const).map((kind) => ({
    id: kind,
    kind,
    brand: 'maison',
    property: 'site',
    quotaPerSecond: 1_000_000,
  })),
  notices: [{ ...NOTICE, brand: 'maison', purposes: PURPOSES, text: { fr: NAMED, en: NAMED } }],
};

export type PlaceAnswer = {
  readonly status: number;
  readonly text: string;
  /** Of a JSON answer. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
};

export type PlaceFlow = Readonly<
  Record<'accepted' | 'pending' | 'kept' | 'withheld' | 'quarantined' | 'duplicates' | 'refused', number>
> & { readonly balanced: boolean };

/** A running server as its senders and readers reach it. */
export class Place {
  readonly url: string;
  readonly #token: string;
  readonly #keys: ReadonlyMap<string, string>;

  private constructor(url: string, token: string, keys: ReadonlyMap<string, string>) {
    this.url = url;
    this.#token = token;
    this.#keys = keys;
  }

  /** Makes a key for each source of `HOSTILE_CONFIG`. */
  static async at(url: string, token: string): Promise<Place> {
    const keys = new Map<string, string>();
    const place = new Place(url, token, keys);
    for (const { id } of HOSTILE_CONFIG.sources) {
      const { json } = await place.ask('POST', '/api/keys', JSON.stringify({ source: id }));
      keys.set(id, String(json?.['key']));
    }
    return place;
  }

  /** A request with the token of an administrator. Rejects where nobody answers in time. */
  ask(method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}) {
    return this.#fetch(method, path, body, { authorization: `Bearer ${this.#token}`, ...headers });
  }

  /** A request with the key of a source. Rejects where nobody answers in time. */
  send(source: string, path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
    return this.#fetch('POST', path, body, {
      authorization: `Basic ${btoa(`${this.#keys.get(source)}:`)}`,
      'content-type': 'application/json',
      'user-agent': BROWSER,
      ...headers,
    });
  }

  keyOf(source: string): string {
    return this.#keys.get(source) ?? '';
  }

  async #fetch(
    method: string,
    path: string,
    body: string | Buffer | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<PlaceAnswer> {
    const answer = await fetch(this.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as string }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    const isJson = /^application\/(problem\+)?json/.test(answer.headers.get('content-type') ?? '');
    return { status: answer.status, text, json: isJson ? (JSON.parse(text) as PlaceAnswer['json']) : undefined };
  }

  /** `filrouge …` with the address, the token and, where it is named, the key of a source. */
  run(directory: string, argv: readonly string[], source?: string): Promise<Said> {
    return filrouge(argv, {
      directory,
      environment: {
        FILROUGE_URL: this.url,
        FILROUGE_TOKEN: this.#token,
        ...(source === undefined ? {} : { FILROUGE_KEY: this.keyOf(source) }),
      },
    });
  }

  /** The sums once everything that was accepted has been worked off. */
  async settledFlow(): Promise<PlaceFlow> {
    for (;;) {
      const flow = (await this.ask('GET', '/api/flow')).json as PlaceFlow;
      if (flow.pending === 0) return flow;
      await pause(100);
    }
  }
}

/** The body of a decision of a person that a server has it from. */
export function consentOf(subject: Readonly<Record<string, string>>, more: object = {}): string {
  return JSON.stringify({
    subject,
    brand: 'maison',
    property: 'site',
    decisions: PURPOSES.map((purpose) => ({ purpose, status: 'given' })),
    notice: NOTICE,
    channel: 'web',
    indicatedAt: new Date(Date.now() - 60 * 86_400_000).toISOString(),
    indicatedBy: { kind: 'subject' },
    ...more,
  });
}
