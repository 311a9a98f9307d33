import { vatContained } from '../basket.ts';
import { type TillIdentity, tillIdentity } from '../csv.ts';
import type { BasketLine } from '../episode.ts';
import { Random, streamOf } from '../random.ts';
import type { TicketTrace } from '../trace.ts';
import type { World } from '../world.ts';
import { amount, broken, brokenEmail, dayOf, isShownTwice, phone, shortened, timeOf } from './french.ts';
import { type Fault, SHIFT, type UglyFile } from './ugly-file.ts';

export const UGLY_TICKET_COLUMNS =
  'N° ticket;Type;Ticket d’origine;Date;Heure;Magasin;Caisse;Code client;Carte fidélité;Mail;Téléphone;Total TTC;Total TVA;Code promo;Question caisse;Code article;Désignation;Rayon;Qté;Montant TTC;Taux TVA;Vendeur';

const TICKET_STREAM = streamOf('ugly-ticket');
/** Shares of the tickets, each fault on tickets of its own. */
const FAULTS = { shifted: 0.003, card: 0.002, email: 0.005, amount: 0.001, store: 0.002, none: 0.987 } as const;
type What = keyof typeof FAULTS | 'bad-date' | 'bad-amount';

const REFUSED_WITH: Fault = { column: 'N° ticket', code: 'ticket-row-refused' };

/** The rows of a receipt. Half a ticket is none: with one bad row all are refused, the others as `ticket-row-refused`. */
export function writeUglyTicket(world: World, trace: TicketTrace, file: UglyFile): void {
  const { receipt, shopper, relation } = trace;
  const random = new Random(world.seed, TICKET_STREAM, shopper.index, receipt.key);
  const who = tillIdentity(shopper, relation, receipt);
  const wished = random.weighted(FAULTS);
  const can = wished === 'card' ? who.loyaltyCard.length > 10 : wished === 'email' ? who.email !== '' : true;
  const what: What = trace.fault ?? (can ? wished : 'none');
  const { lines } = receipt.basket;
  const badLine = random.below(lines.length);
  const number = who.phone === '' ? undefined : phone(who.phone, random);
  const head = headOf(trace, who, what, number?.text ?? '', random);
  const notes = [
    ...(number?.eaten === true ? ['leading-zero-restored'] : []),
    ...(isShownTwice(receipt.at) ? ['clock-showed-this-hour-twice'] : []),
  ];
  for (const [rank, line] of lines.entries()) {
    file.write({
      cells: [...head, ...lineCells(line, rank === badLine ? what : 'none', random), `V${random.between(1, 12)}`],
      fault: faultOf(what, rank, badLine),
      notes,
      unseen: [
        ...(what === 'store' ? ['store-unknown'] : []),
        ...(receipt.typo && what !== 'card' && what !== 'email' ? ['identifier-typo'] : []),
      ],
    });
  }
  if (faultOf(what, badLine, badLine) === undefined) file.addItem(receipt.basket.totalMinor);
}

function headOf(trace: TicketTrace, who: TillIdentity, what: What, number: string, random: Random): readonly string[] {
  const { receipt, fault } = trace;
  const vat = receipt.basket.lines.reduce((sum, line) => sum + vatContained(line.amountMinor, line.product.vatRate), 0);
  return [
    fault === undefined ? receipt.ticketId : `TEST-${receipt.ticketId}`,
    receipt.kind === 'purchase' ? 'Vente' : 'Retour',
    receipt.kind === 'refund' ? receipt.refersTo : '',
    what === 'bad-date' ? '31/02/2026' : dayOf(receipt.at),
    what === 'bad-date' ? '25:61' : timeOf(receipt.at),
    what === 'store' ? receipt.store.city.slice(0, 5).toUpperCase() : receipt.store.id,
    String(receipt.till),
    who.customerId,
    what === 'card' ? shortened(who.loyaltyCard) : who.loyaltyCard,
    what === 'email' ? brokenEmail(who.email, random) : who.email,
    number,
    what === 'bad-amount' ? 'douze' : amount(receipt.basket.totalMinor, random),
    amount(vat, random),
    receipt.basket.coupon ?? '',
    receipt.kind === 'purchase' && receipt.answer !== undefined ? (receipt.answer === 'yes' ? 'oui' : 'non') : '',
  ];
}

function lineCells({ product, quantity, amountMinor }: BasketLine, what: What, random: Random): readonly string[] {
  const written = amount(amountMinor, random);
  return [
    product.sku,
    what === 'shifted' ? `${product.name.replaceAll('"', '')}${SHIFT}lot` : product.name,
    product.category,
    String(quantity),
    what === 'amount' ? written.replaceAll(/[ \u00a0]/g, '').replace(',', '.') : written,
    broken(product.vatRate / 100),
  ];
}

function faultOf(what: What, rank: number, badLine: number): Fault | undefined {
  switch (what) {
    case 'shifted':
      return rank === badLine ? { column: '', code: 'row-too-long' } : REFUSED_WITH;
    case 'amount':
      return rank === badLine ? { column: 'Montant TTC', code: 'amount-unreadable' } : REFUSED_WITH;
    case 'email':
      return rank === 0 ? { column: 'Mail', code: 'email-unreadable' } : REFUSED_WITH;
    case 'card':
      return { column: 'Carte fidélité', code: 'scientific-notation' };
    case 'bad-date':
      return { column: 'Date', code: 'time-unreadable' };
    case 'bad-amount':
      return { column: 'Total TTC', code: 'amount-unreadable' };
    case 'store':
    case 'none':
      return undefined;
  }
}
