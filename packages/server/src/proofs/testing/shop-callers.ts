import { setTimeout as pause } from 'node:timers/promises';

/** A shop whose server sends orders, which need no consent, and visits, which need one; its page sends decisions too. */
export const SHOP = {
  brands: [{ id: 'atelier', name: 'Atelier' }],
  properties: [{ id: 'site', brand: 'atelier', name: 'Site', kind: 'site' }],
  sources: [
    { id: 'server', brand: 'atelier', property: 'site', kind: 'server', quotaPerSecond: 100_000 },
    { id: 'page', brand: 'atelier', property: 'site', kind: 'web', quotaPerSecond: 100_000 },
  ],
  notices: [{ id: 'form', version: '1', brand: 'atelier', purposes: ['profiling'], text: { fr: 'Profil' } }],
};

/** Where the shop sends, which may move when the server is started again. */
export type Shop = { readonly url: string; readonly keyOf: (source: string) => string };

const BATCH = 4;
const RETRY_MS = 100;
const REMEMBERED = 400;

/**
 * Lanes that send orders by the true time, each until it is acknowledged, and now and then one that was acknowledged
 * before: it comes a second time, under whatever clock the server has by then.
 */
export class ShopCallers {
  /** Message ids that were acknowledged. */
  readonly acked = new Set<string>();
  /** Requests by what they were answered; 0 where the connection broke. */
  readonly answers = new Map<number, number>();
  again = 0;
  shop: Shop;
  readonly #sent: string[] = [];
  readonly #random: () => number;
  #stopped = false;
  #running: readonly Promise<void>[] = [];

  constructor(shop: Shop, random: () => number) {
    this.shop = shop;
    this.#random = random;
  }

  begin(lanes: number): void {
    this.#running = Array.from({ length: lanes }, (_, lane) => this.#lane(lane));
  }

  async finish(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #lane(lane: number): Promise<void> {
    for (let at = 0; !this.#stopped; at += 1) {
      const before = this.#sent[Math.floor(this.#random() * this.#sent.length)];
      const repeats = before !== undefined && this.#random() < 0.2;
      const batch = Array.from({ length: BATCH }, (_, n) => anOrder(`m-${lane}-${at}-${n}`));
      const body = repeats ? before : JSON.stringify({ batch, sentAt: new Date().toISOString() });
      while (!(await this.#send(body))) await pause(RETRY_MS);
      if (repeats) this.again += 1;
      else {
        for (const { messageId } of batch) this.acked.add(messageId);
        this.#sent.push(body);
        if (this.#sent.length > REMEMBERED) this.#sent.shift();
      }
      await pause(20);
    }
  }

  async #send(body: string): Promise<boolean> {
    const status = (await post(this.shop, 'server', '/v1/batch', body)).status;
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    return status === 200;
  }
}

function anOrder(messageId: string) {
  const products = [{ sku: 'L1', price: 12.5, quantity: 1 }];
  const properties = { order_id: messageId, total: 12.5, currency: 'EUR', products };
  const timestamp = new Date().toISOString();
  return { type: 'track', event: 'Order Completed', messageId, userId: `u${messageId.length}`, timestamp, properties };
}

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

async function post({ url, keyOf }: Shop, source: string, path: string, body: string): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${keyOf(source)}:`)}` },
    body,
    signal: AbortSignal.timeout(20_000),
  }).catch(() => undefined);
  const text = await answer?.text().catch(() => undefined);
  if (answer === undefined || text === undefined) return { status: 0, body: {} };
  return { status: answer.status, body: JSON.parse(text) as Answer['body'] };
}

/** Who decides: a customer, of whom the shop's server tells, or the visitor of a page. */
export type Decider = { readonly source: 'server' | 'page'; readonly id: string };

/** A decision by the true time; answers the id of its record. */
export async function decides(shop: Shop, { source, id }: Decider, status: 'given' | 'withdrawn'): Promise<string> {
  const body = {
    subject: source === 'server' ? { userId: id } : { anonymousId: id },
    brand: 'atelier',
    property: 'site',
    decisions: [{ purpose: 'profiling', status }],
    notice: { id: 'form', version: '1' },
    channel: 'web',
    indicatedAt: new Date().toISOString(),
    indicatedBy: { kind: 'subject' },
  };
  const answer = await post(shop, source, '/v1/consents', JSON.stringify(body));
  if (answer.status !== 200) throw new Error(`${status} of ${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return String(answer.body['recordId']);
}

/** How somebody stands on the one purpose, as the shop's server is told. */
export async function standsAs({ url, keyOf }: Shop, { source, id }: Decider): Promise<string> {
  const who = source === 'server' ? `userId=${id}` : `anonymousId=${id}`;
  const answer = await fetch(`${url}/v1/consents?brand=atelier&${who}`, {
    headers: { authorization: `Basic ${btoa(`${keyOf('server')}:`)}` },
  });
  const { purposes } = (await answer.json()) as { readonly purposes: Record<string, { readonly status: string }> };
  return purposes['profiling']?.status ?? 'unknown';
}
