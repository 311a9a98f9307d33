import { hash } from 'node:crypto';
import type { Instant } from '@filrouge/domain/base';
import type { ConsentChannel, ConsentSubmission, FactStatus, Purpose } from '@filrouge/domain/consent';
import type { BrandId, Source } from '@filrouge/domain/deployment';
import type { IncomingItem, ItemKind, Receipt } from '@filrouge/domain/event';
import { CLAIM_PRIORITY, type Identifier, type Namespace } from '@filrouge/domain/identity';
import type { Submission } from '../door/submission.ts';

/** `user_id:ada` -> identifier. */
export function identifier(text: string): Identifier {
  const at = text.indexOf(':');
  return { namespace: text.slice(0, at) as Namespace, value: text.slice(at + 1) };
}

function identifiers(texts: readonly string[]): readonly Identifier[] {
  const rank = ({ namespace }: Identifier): number => CLAIM_PRIORITY.indexOf(namespace);
  return texts.map(identifier).sort((a, b) => rank(a) - rank(b));
}

let made = 0;

export type ToldItem = Partial<Omit<IncomingItem, 'identifiers' | 'previous' | 'times' | 'kind'>> & {
  /** Event time by the client; absent = none stated. */
  readonly t?: Instant;
  readonly sentAt?: Instant;
  readonly previous?: string;
};

/** An item of some identifiers (`namespace:value`), as `wire` would hand it over. */
export function item(kind: ItemKind, who: readonly string[], told: ToldItem = {}): IncomingItem {
  made += 1;
  const { t, sentAt, previous, ...rest } = told;
  const content = {
    kind,
    name: kind === 'page' ? 'Page Viewed' : kind,
    messageId: `m${made}`,
    identifiers: identifiers(who),
    ...(previous === undefined ? {} : { previous: identifier(previous) }),
    traits: {},
    properties: {},
    context: {},
    marks: [],
    ...rest,
  };
  const body = hash('sha256', JSON.stringify([content, t ?? null])).slice(0, 32);
  const times = { ...(t === undefined ? {} : { occurredAt: t }), ...(sentAt === undefined ? {} : { sentAt }) };
  return { bodyHash: body, times, ...content };
}

/** A till receipt of 50 euros. */
export function ticket(who: readonly string[], told: ToldItem & { readonly receipt?: Receipt } = {}): IncomingItem {
  const receipt = told.receipt ?? aReceipt(`T-${made + 1}`);
  return item('ticket', who, { name: 'Ticket', ...told, receipt });
}

export function aReceipt(number: string, said: Partial<Receipt> = {}): Receipt {
  const line = { sku: 'sku-1', category: 'shoes', quantity: 1, amountMinor: 5_000 };
  return {
    kind: 'ticket',
    type: 'sale',
    number,
    currency: 'EUR',
    amountMinor: 5_000,
    store: 'lyon',
    lines: [line],
    ...said,
  };
}

export type ToldConsent = {
  readonly at: Instant;
  readonly channel?: ConsentChannel;
  readonly sequence?: number;
  readonly vendor?: string;
  readonly notice?: string;
  readonly brands?: readonly BrandId[];
};

/** A consent record of one status for some purposes. */
export function consent(
  { brand, property }: Source,
  who: readonly string[],
  status: FactStatus,
  purposes: readonly Purpose[],
  told: ToldConsent,
): ConsentSubmission {
  const { at, channel = 'web', sequence, vendor = '*', notice = 'card', brands } = told;
  return {
    subject: who.map(identifier),
    brand,
    property,
    decisions: purposes.map(({ id }) => ({ purpose: id, vendor, status })),
    ...(brands === undefined ? {} : { brands }),
    notice: { id: notice, version: '1' },
    ...(sequence === undefined ? {} : { sequence }),
    channel,
    indicatedAt: at,
    indicatedBy: { kind: 'subject' },
  };
}

/** One request of a source, received at an instant. */
export function submission(source: Source, receivedAt: Instant, said: Partial<Submission> = {}): Submission {
  return {
    source,
    items: [],
    consents: [],
    receivedAt,
    imported: false,
    globalPrivacyControl: false,
    refused: new Map(),
    ...said,
  };
}
