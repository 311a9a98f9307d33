import { splitProperties } from '@filrouge/domain/event';
import type { EventLine, EventReceipt, EventRow, Vault } from '@filrouge/ports';
import type { JournaledItem } from '../journaled-item.ts';
import { receiptKey } from '../receipt-key.ts';
import type { OpenedJournalItem } from './opened-item.ts';

/** What is sealed beside an event's clear columns: everything as it was accepted. */
export type SealedEvent = Pick<
  JournaledItem,
  'messageId' | 'name' | 'properties' | 'traits' | 'context' | 'receipt' | 'marks'
>;

/** A kept item as the event store holds it: an allow-list in clear, the whole of it under its claim's key (S15). */
export function eventRow(vault: Vault, opened: OpenedJournalItem): EventRow {
  const { item, eventId, key } = opened;
  const split = splitProperties(item);
  const receipt = receiptOf(vault, item);
  return {
    eventId,
    brand: item.brand,
    thread: opened.thread,
    device: opened.device,
    t: item.t,
    r: item.r,
    c: item.c,
    kind: item.kind,
    name: split.name,
    channel: item.channel,
    source: item.source,
    property: item.property,
    store: split.store,
    purposes: BigInt(item.purposes),
    bot: item.marks.includes('bot'),
    imported: item.imported,
    terminal: item.terminal,
    ...(receipt === undefined ? {} : { receipt }),
    lines: linesOf(item, split.skus, split.categories),
    clear: split.clear,
    sealed: sealEvent(vault, opened).toString('base64'),
    key,
    position: opened.position,
    item: opened.ordinal,
    ...(item.run === undefined ? {} : { run: item.run }),
  };
}

function sealEvent(vault: Vault, { item, eventId, key }: OpenedJournalItem): Buffer {
  const { messageId, name, properties, traits, context, receipt, marks } = item;
  const sealed: SealedEvent = {
    messageId,
    name,
    properties,
    traits,
    context,
    marks,
    ...(receipt === undefined ? {} : { receipt }),
  };
  return vault.sealRecord(key, `event/${eventId}`, JSON.stringify(sealed));
}

function receiptOf(vault: Vault, { brand, receipt }: JournaledItem): EventReceipt | undefined {
  if (receipt === undefined) return undefined;
  const { type, number, currency, amountMinor, vatMinor = 0, researchedOnline } = receipt;
  const answer = researchedOnline === undefined ? {} : { researchedOnline };
  return { type, number: receiptKey(vault, brand, number), currency, amountMinor, vatMinor, ...answer };
}

/** The products of an item; codes and categories that did not pass into clear are left empty. */
function linesOf(item: JournaledItem, skus: readonly string[], categories: readonly string[]): readonly EventLine[] {
  if (item.receipt !== undefined) {
    return item.receipt.lines.map(({ sku, category = '', amountMinor }) => ({
      sku: skus.includes(sku) ? sku : '',
      category: categories.includes(category) ? category : '',
      amountMinor,
    }));
  }
  const [only = ''] = categories;
  if (skus.length === 0) return only === '' ? [] : [{ sku: '', category: only, amountMinor: 0 }];
  const aligned = skus.length === categories.length;
  return skus.map((sku, at) => ({ sku, category: (aligned ? categories[at] : only) ?? '', amountMinor: 0 }));
}
