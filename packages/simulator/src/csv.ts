import { HOUR_MS } from '@filrouge/domain/base';
import { vatContained } from './basket.ts';
import { brandOf } from './brands.ts';
import { iso } from './calls.ts';
import type { Purchase, Refund } from './episode.ts';
import { formatParis } from './paris-clock.ts';
import type { Relation, Shopper } from './shopper.ts';
import type { TicketTrace } from './trace.ts';
import type { World } from './world.ts';

export const TICKET_COLUMNS =
  'ticket_id,type,refers_to,occurred_at,store_id,till_id,currency,customer_id,loyalty_card,email,phone,ticket_total,ticket_vat,coupon,researched_online,line_sku,line_name,line_category,line_quantity,line_amount,line_vat_rate';
export const CUSTOMER_COLUMNS =
  'customer_id,loyalty_card,email,phone,first_name,last_name,postal_code,city,country,birth_date,created_at,updated_at';

const BLANK_CARD = '0000000000000';

/** What the till wrote about the customer: four columns, mostly empty. */
export type TillIdentity = {
  readonly customerId: string;
  readonly loyaltyCard: string;
  readonly email: string;
  readonly phone: string;
  /** Whether any of it names a person: a blank card or the till's own address does not. */
  readonly names: boolean;
};

export function tillIdentity(shopper: Shopper, relation: Relation, receipt: Purchase | Refund): TillIdentity {
  const fixed = receipt.store.fixedEmail ?? '';
  const nobody = { customerId: '', loyaltyCard: '', email: fixed, phone: '', names: false };
  switch (receipt.identification) {
    case 'card':
      return { ...nobody, loyaltyCard: slipped(relation.card?.number ?? '', receipt), names: true };
    case 'account':
      return { ...nobody, customerId: relation.account?.userId ?? '', names: true };
    case 'email':
      // At the third till one types the telephone number, where the person has one.
      return receipt.till === 3 && shopper.phone !== undefined
        ? { ...nobody, phone: shopper.phone, names: true }
        : { ...nobody, email: slipped(asTyped(shopper.email, receipt), receipt), names: true };
    case 'none':
      return receipt.blankCard ? { ...nobody, loyaltyCard: BLANK_CARD } : nobody;
  }
}

/** One address in thirty is typed in capitals. */
function asTyped(email: string, receipt: Purchase | Refund): string {
  return receipt.key % 30 === 0 ? email.toUpperCase() : email;
}

/**
 * Two neighbouring signs the wrong way round, where the till's hand slipped: letters of the name, or digits of the card,
 * which then fails its own check digit. Never the number in an address, which would make it another customer's.
 */
function slipped(text: string, receipt: Purchase | Refund): string {
  if (!receipt.typo) return text;
  for (let at = 2; at < text.length - 1; at++) {
    const [one, other] = [text[at] as string, text[at + 1] as string];
    if (one === '.' || other === '.' || one === '@') break;
    if (one !== other && Math.abs(Number(one) - Number(other)) !== 5) {
      return text.slice(0, at) + other + one + text.slice(at + 2);
    }
  }
  return `${text.slice(0, 1)}${text.slice(0, 1)}${text.slice(1)}`;
}

/** The rows of a receipt, adjacent, one per line, each repeating the receipt's own columns. */
export function ticketRows(trace: TicketTrace): string {
  const { receipt, shopper, relation, fault } = trace;
  const who = tillIdentity(shopper, relation, receipt);
  const vat = receipt.basket.lines.reduce((sum, line) => sum + vatContained(line.amountMinor, line.product.vatRate), 0);
  const head = [
    fault === undefined ? receipt.ticketId : `TEST-${receipt.ticketId}`,
    receipt.kind === 'purchase' ? 'sale' : 'refund',
    receipt.kind === 'refund' ? receipt.refersTo : '',
    fault === 'bad-date' ? '31/02/2026 25:61' : formatParis(receipt.at),
    receipt.store.id,
    `${receipt.store.id}-T${receipt.till}`,
    'EUR',
    who.customerId,
    who.loyaltyCard,
    who.email,
    who.phone,
    fault === 'bad-amount' ? 'douze' : decimal(receipt.basket.totalMinor),
    decimal(vat),
    receipt.basket.coupon ?? '',
    receipt.kind === 'purchase' ? (receipt.answer ?? '') : '',
  ].map(field);
  const prefix = head.join(',');
  let rows = '';
  for (const { product, quantity, amountMinor } of receipt.basket.lines) {
    rows += `${prefix},${product.sku},${field(product.name)},${product.category},${quantity},${decimal(amountMinor)},${product.vatRate / 100}\n`;
  }
  return rows;
}

/** The number that the back office gives to who takes a card without an account, or never links it to one. */
export function counterId(shopper: Shopper, relation: Relation): string {
  return `${brandOf(relation.brand).prefix}C${String(shopper.index).padStart(8, '0')}`;
}

/** What the customer file holds of one customer. Times in ms. */
export type CustomerRecord = {
  readonly customerId: string;
  readonly card: string;
  readonly email: string;
  readonly phone: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** The customer file's records of one relation: one for the account, one for a card that was never linked to it. */
export function customersOf(world: World, shopper: Shopper, relation: Relation): readonly CustomerRecord[] {
  const { account, card } = relation;
  const linked = account !== undefined && card?.linked === true;
  const records: CustomerRecord[] = [];
  const lastTouch = (createdAt: number, after: number) =>
    Math.min(world.until, Math.max(createdAt, world.start) + after);
  if (account !== undefined) {
    const { userId: customerId, createdAt } = account;
    const known = { card: linked ? card.number : '', email: shopper.email, phone: shopper.phone ?? '' };
    records.push({ customerId, ...known, createdAt, updatedAt: lastTouch(createdAt, 0) });
  }
  if (card !== undefined && !linked) {
    // Who took a card at the counter gave a name, and an address in one case out of two.
    const email = shopper.index % 2 === 0 ? '' : shopper.email;
    const { number, soldAt: createdAt } = card;
    const customerId = counterId(shopper, relation);
    records.push({ customerId, card: number, email, phone: '', createdAt, updatedAt: lastTouch(createdAt, 0) });
  }
  // One customer in a hundred stands twice in the file, the second row the newer.
  const [first] = records;
  if (first !== undefined && account !== undefined && shopper.index % 100 === 7) {
    records.push({ ...first, updatedAt: lastTouch(account.createdAt, HOUR_MS) });
  }
  return records;
}

/** The customer file's rows of one relation. */
export function customerRows(world: World, shopper: Shopper, relation: Relation): string {
  const { firstName, lastName, postalCode, city, birthDate } = shopper;
  return customersOf(world, shopper, relation)
    .map(({ customerId, card, email, phone, createdAt, updatedAt }) =>
      csvRow([
        customerId,
        card,
        email,
        phone,
        firstName,
        lastName,
        postalCode,
        city,
        'FR',
        birthDate,
        iso(createdAt),
        iso(updatedAt),
      ]),
    )
    .join('');
}

export function csvRow(cells: readonly string[]): string {
  return `${cells.map(field).join(',')}\n`;
}

/** RFC 4180: quoted where it must be. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** 1234 -> `12.34`, with a decimal point. */
export function decimal(minor: number): string {
  const sign = minor < 0 ? '-' : '';
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `tickets-maison-aubrac.csv` and its sisters. */
export function fileOf(kind: 'tickets' | 'tickets-resent' | 'customers', brandKey: Relation['brand']): string {
  return `${kind}-${brandOf(brandKey).id}.csv`;
}
