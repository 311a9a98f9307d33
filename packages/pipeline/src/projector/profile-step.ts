import { isJsonObject } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import { splitProperties } from '@filrouge/domain/event';
import { isDeviceNamespace, type NodeId } from '@filrouge/domain/identity';
import { mergeTraits, type TraitHistory, traitsOf } from '@filrouge/domain/profile';
import type { KeyId, ProjectionTransaction, PurchaseRow, SealedTraits, Vault } from '@filrouge/ports';
import type { JournaledItem } from '../journaled-item.ts';
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

type Stated = { readonly node: NodeId; readonly key: KeyId; readonly brand: BrandId; history: TraitHistory };

/**
 * A value is sealed under the key of the claim that gave it, and under no other (S14): of a terminal that several
 * persons used, erasing one takes that one's values, and leaves the others'.
 */
async function projectTraits(
  transaction: ProjectionTransaction,
  vault: Vault,
  items: readonly OpenedJournalItem[],
): Promise<void> {
  const stated = new Map<string, Stated>();
  for (const { item, claim, key } of items) {
    if (claim === undefined || Object.keys(item.traits).length === 0 || item.marks.includes('bot')) continue;
    const { t, c, messageId, source, purposes, terminal } = item;
    const device = terminalOf(item);
    const on = device === undefined ? {} : { device };
    const said = isProven(item, claim) ? {} : { unproven: true as const };
    const history = traitsOf(item.traits, { t, c, messageId, source, purposes, terminal, ...on, ...said });
    const before = stated.get(`${claim} ${key}`);
    if (before !== undefined) before.history = mergeTraits(before.history, history);
    else stated.set(`${claim} ${key}`, { node: claim, key, brand: item.brand, history });
  }
  if (stated.size === 0) return;
  const nodes = new Set([...stated.values()].map(({ node }) => node));
  for (const row of await transaction.traits([...nodes])) {
    const fresh = stated.get(`${row.node} ${row.key}`);
    if (fresh !== undefined) fresh.history = mergeTraits(openTraits(vault, row), fresh.history);
  }
  await transaction.putTraits(
    [...stated.values()].map(({ node, key, brand, history }) => ({
      node,
      brand,
      key,
      sealed: vault.sealRecord(key, `traits/${node}`, JSON.stringify(mergeTraits(history, {}))),
    })),
  );
}

/** A secret key knows of whom it speaks; a public one where its item bears a proof of just that identifier (S11). */
function isProven({ sourceKind, verifiedBy }: JournaledItem, claim: NodeId): boolean {
  return sourceKind === 'server' || sourceKind === 'store' || verifiedBy?.covers.includes(claim) === true;
}

function terminalOf({ identifiers }: JournaledItem): NodeId | undefined {
  return identifiers.find(({ namespace }) => isDeviceNamespace(namespace))?.node;
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
  const device = terminalOf(item);
  if (receipt === undefined || claim === undefined || item.marks.includes('bot')) return [];
  return [
    {
      eventId,
      brand: item.brand,
      node: claim,
      ...(device === undefined ? {} : { device }),
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
