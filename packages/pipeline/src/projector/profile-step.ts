import { isJsonObject } from '@filrouge/domain/base';
import { splitProperties } from '@filrouge/domain/event';
import { isDeviceNamespace, type NodeId } from '@filrouge/domain/identity';
import { mergeTraits, type TraitHistory, traitsOf } from '@filrouge/domain/profile';
import type { KeyId, ProjectionTransaction, PurchaseRow, SealedTraits, Vault } from '@filrouge/ports';
import { receiptKey } from '../receipt-key.ts';
import type { OpenedJournalItem } from './opened-item.ts';

/** Folds stated traits and purchases of a range into the profile of each thread. */
export async function projectProfiles(
  transaction: ProjectionTransaction,
  vault: Vault,
  items: readonly OpenedJournalItem[],
): Promise<void> {
  await projectTraits(transaction, vault, items);
  await transaction.putPurchases(items.flatMap((opened) => purchaseOf(vault, opened)));
}

type Stated = { history: TraitHistory; key: KeyId; readonly brand: SealedTraits['brand'] };

async function projectTraits(
  transaction: ProjectionTransaction,
  vault: Vault,
  items: readonly OpenedJournalItem[],
): Promise<void> {
  const stated = new Map<NodeId, Stated>();
  for (const { item, claim, key } of items) {
    if (claim === undefined || Object.keys(item.traits).length === 0 || item.marks.includes('bot')) continue;
    const { t, c, messageId, source, purposes, terminal } = item;
    const device = item.identifiers.find(({ namespace }) => isDeviceNamespace(namespace))?.node;
    const on = device === undefined ? {} : { device };
    const history = traitsOf(item.traits, { t, c, messageId, source, purposes, terminal, ...on });
    const before = stated.get(claim);
    if (before === undefined) stated.set(claim, { history, key, brand: item.brand });
    else Object.assign(before, { history: mergeTraits(before.history, history), key });
  }
  if (stated.size === 0) return;
  const stored = await transaction.traits([...stated.keys()]);
  for (const row of stored) {
    const fresh = stated.get(row.node);
    const known = openTraits(vault, row);
    if (fresh !== undefined) fresh.history = mergeTraits(known, fresh.history);
  }
  await transaction.putTraits(
    [...stated].map(([node, { history, key, brand }]) => ({
      node,
      brand,
      key,
      sealed: vault.sealRecord(key, `traits/${node}`, JSON.stringify(mergeTraits(history, {}))),
    })),
  );
}

/** The history a row seals; an erased one is empty. */
export function openTraits(vault: Vault, row: SealedTraits): TraitHistory {
  const opened = vault.openRecord(`traits/${row.node}`, row.sealed);
  if (!opened.ok) return {};
  const history: unknown = JSON.parse(opened.value.toString('utf8'));
  return isJsonObject(history) ? (history as unknown as TraitHistory) : {};
}

function purchaseOf(vault: Vault, opened: OpenedJournalItem): readonly PurchaseRow[] {
  const { item, claim, eventId } = opened;
  const { receipt } = item;
  if (receipt === undefined || claim === undefined || item.marks.includes('bot')) return [];
  return [
    {
      eventId,
      brand: item.brand,
      node: claim,
      kind: receipt.kind,
      type: receipt.type,
      number: receiptKey(vault, item.brand, receipt.refersTo ?? receipt.number),
      store: splitProperties(item).store,
      currency: receipt.currency,
      amountMinor: receipt.amountMinor,
      t: item.t,
      c: item.c,
      purposes: BigInt(item.purposes),
      terminal: item.terminal,
      source: item.source,
    },
  ];
}
