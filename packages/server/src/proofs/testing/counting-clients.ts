import { setTimeout as pause } from 'node:timers/promises';

/** A retailer with one server source, whose orders are kept without a consent, and a notice to consent to. */
export const ONE_SERVER = {
  brands: [{ id: 'atelier', name: 'Atelier' }],
  properties: [{ id: 'site', brand: 'atelier', name: 'Site', kind: 'site' }],
  sources: [{ id: 'server', brand: 'atelier', property: 'site', kind: 'server', quotaPerSecond: 100_000 }],
  notices: [{ id: 'form', version: '1', brand: 'atelier', purposes: ['profiling'], text: { fr: 'Profil' } }],
};

const BATCH = 50;
const RETRY_MS = 100;
/** Some of the bytes that a real order carries. */
const NOTE = 'x'.repeat(600);

/** Where clients send, which may move when the server is started again. */
export type Target = { readonly url: string; readonly key: string };

/** Clients that send orders and send again what was not acknowledged, and a ledger of what was. */
export class CountingClients {
  /** Statuses by how often they were answered; `0` where the connection broke. */
  readonly answers = new Map<number, number>();
  /** Items in batches that were acknowledged, each once. */
  acked = 0;
  /** When, by `performance.now()`, the last batch was acknowledged. */
  lastAckAt = 0;
  /** Codes of the problems that were answered. */
  readonly codes = new Set<string>();
  target: Target;
  #sent = 0;
  #stopped = false;
  readonly #running: Promise<void>[] = [];

  constructor(target: Target) {
    this.target = target;
  }

  begin(clients: number): void {
    for (let at = 0; at < clients; at += 1) this.#running.push(this.#client());
  }

  /** No new batch is begun; each that was begun is sent until it is acknowledged. */
  async finish(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running.splice(0));
  }

  async #client(): Promise<void> {
    while (!this.#stopped) {
      const body = JSON.stringify({ batch: Array.from({ length: BATCH }, () => this.#order()) });
      while (!(await this.#send(body))) await pause(RETRY_MS);
      this.acked += BATCH;
      this.lastAckAt = performance.now();
    }
  }

  #order(): object {
    this.#sent += 1;
    const n = this.#sent;
    const products = [{ sku: 'L1', price: 12.5, quantity: 1 }];
    const properties = { order_id: `A-${n}`, total: 12.5, currency: 'EUR', note: NOTE, products };
    return { type: 'track', event: 'Order Completed', messageId: `m-${n}`, userId: `u${n % 97}`, properties };
  }

  async #send(body: string): Promise<boolean> {
    const { url, key } = this.target;
    const answer = await fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` },
      body,
    }).catch(() => undefined);
    const text = await answer?.text().catch(() => undefined);
    const status = text === undefined ? 0 : (answer?.status ?? 0);
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (status >= 400) this.codes.add((JSON.parse(text ?? '{}') as { readonly code: string }).code);
    return status === 200;
  }
}

/** A decision of a person about the one purpose; answers the status of the answer, 0 where the connection broke. */
export async function decide({ url, key }: Target, userId: string, status: 'given' | 'withdrawn'): Promise<number> {
  const body = {
    subject: { userId },
    brand: 'atelier',
    property: 'site',
    decisions: [{ purpose: 'profiling', status }],
    notice: { id: 'form', version: '1' },
    channel: 'web',
    indicatedAt: new Date().toISOString(),
    indicatedBy: { kind: 'subject' },
  };
  const answer = await fetch(`${url}/v1/consents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  await answer?.text().catch(() => undefined);
  return answer?.status ?? 0;
}

/** How a person stands on the one purpose. */
export async function standing({ url, key }: Target, userId: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/v1/consents?brand=atelier&userId=${userId}`, {
    headers: { authorization: `Basic ${btoa(`${key}:`)}` },
  });
  const { purposes } = (await answer.json()) as { readonly purposes?: Record<string, { readonly status: string }> };
  return purposes?.['profiling']?.status;
}
