import { clearName } from '@filrouge/domain/event';
import type { Proof } from '@filrouge/domain/identity';
import type { JournalRow, QuarantineEntry, Vault, WithheldHeader } from '@filrouge/ports';
import { encodeJournaledItem, type JournaledItem } from '../journaled-item.ts';
import type { DecidedItem } from './decide-hashed-item.ts';
import type { KeyRing } from './key-ring.ts';
import { firstReceiptOf, type ItemOutcome } from './submission.ts';

type SealedGroup = {
  readonly journal: JournalRow | undefined;
  readonly withheld: readonly WithheldHeader[];
  readonly quarantined: readonly QuarantineEntry[];
  /** In the order of what was decided. */
  readonly outcomes: readonly ItemOutcome[];
};

/** Seals what is kept under its claim's key, and reduces what is withheld to its header (S2, S14). */
export function sealGroup(
  deps: { readonly vault: Vault; readonly newId: () => string },
  ring: KeyRing,
  position: number,
  decided: readonly DecidedItem[],
): SealedGroup {
  const sealer = deps.vault.sealBatch(position);
  const withheld: WithheldHeader[] = [];
  const quarantined: QuarantineEntry[] = [];
  const outcomes: ItemOutcome[] = [];
  let items = 0;
  const earlier: Record<string, number> = {};
  for (const one of decided) {
    const outcome = sealOne(one);
    outcomes.push(outcome);
    if (outcome.kind === 'withheld') withheld.push(headerOf(one, outcome.reason));
  }
  const moved = Object.keys(earlier).length === 0 ? {} : { earlier };
  const journal = items === 0 ? undefined : { position, items, body: sealer.finish(), ...moved };
  return { journal, withheld, quarantined, outcomes };

  function sealOne(one: DecidedItem): ItemOutcome {
    if (one.claim === undefined || one.outcome.kind === 'withheld') return one.outcome;
    const key = ring.keyOf(one.claim);
    const text = encodeJournaledItem(journaledItem(one), one.hashed.item.texts);
    // A key that was destroyed since it was looked up is an erasure that this item meets (S14).
    const erased: ItemOutcome = { kind: 'withheld', reason: 'erased' };
    if (one.outcome.kind === 'quarantined') {
      if (deps.vault.sealBatch(position).add(key, '') === 'erased') return erased;
      const id = deps.newId();
      const { brand, source, item } = one.hashed;
      const sealed = deps.vault.sealRecord(key, `quarantine/${id}`, text);
      quarantined.push({
        id,
        brand,
        source: source.id,
        name: clearName(item.name),
        reason: one.outcome.reason,
        key,
        sealed,
        ...runOf(one),
      });
      return one.outcome;
    }
    if (sealer.add(key, text) === 'erased') return erased;
    items += 1;
    const { firstReceivedAt } = one.hashed.submission;
    if (firstReceivedAt !== undefined) {
      const day = new Date(firstReceivedAt).toISOString().slice(0, 10);
      earlier[day] = (earlier[day] ?? 0) + 1;
    }
    return one.outcome;
  }
}

function headerOf(one: DecidedItem, reason: WithheldHeader['reason']): WithheldHeader {
  const { brand, source, item, seen } = one.hashed;
  return { brand, source: source.id, name: clearName(item.name), reason, message: seen.id };
}

/** What an erasure takes out of an item is proven of nobody. */
function proofLeft({ hashed: { verifiedBy }, identifiers }: DecidedItem): Proof | undefined {
  if (verifiedBy === undefined) return undefined;
  const covers = verifiedBy.covers.filter((covered) => identifiers.some(({ node }) => node === covered));
  return covers.length === 0 ? undefined : { by: verifiedBy.by, covers };
}

function runOf({ hashed: { run } }: DecidedItem): { readonly run?: number } {
  return run === undefined ? {} : { run };
}

function journaledItem(one: DecidedItem): JournaledItem {
  const { item, source, submission, run } = one.hashed;
  const verifiedBy = proofLeft(one);
  const { previous, words } = one;
  // Built by assignment: spreads of optional fields cost more than writing the text.
  const journaled: { -readonly [key in keyof JournaledItem]: JournaledItem[key] } = {
    brand: source.brand,
    source: source.id,
    sourceKind: source.kind,
    property: source.property,
    channel: source.channel,
    kiosk: source.kiosk,
    kind: item.kind,
    name: words.name,
    messageId: item.messageId,
    t: one.t,
    r: firstReceiptOf(submission),
    c: one.c,
    imported: submission.imported,
    terminal: one.terminal,
    purposes: one.purposes.toString(),
    identifiers: one.identifiers,
    traits: words.traits,
    properties: words.properties,
    context: words.context,
    marks: one.marks,
  };
  if (previous !== undefined) journaled.previous = previous;
  if (item.session !== undefined) journaled.session = item.session;
  if (words.receipt !== undefined) journaled.receipt = words.receipt;
  if (item.stamp !== undefined) journaled.stamp = item.stamp;
  if (verifiedBy !== undefined) journaled.verifiedBy = verifiedBy;
  if (run !== undefined) journaled.run = run;
  return journaled;
}
