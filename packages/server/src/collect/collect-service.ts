import type { Instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import type { Door, ItemOutcome, Submission, SubmissionOutcome } from '@filrouge/pipeline';
import { type ItemRefusal, refusalOf, type Understood } from '@filrouge/wire';
import type { IdentityTokens } from '../access/identity-tokens.ts';
import type { KeyQuota } from '../access/key-quota.ts';
import type { PersonQuota } from '../access/person-quota.ts';
import type { SourceKey, SourceKeys } from '../access/source-keys.ts';
import { proveItems } from './prove-items.ts';

/** What the routes that take events work with. */
export type CollectService = {
  readonly door: Door;
  readonly keys: SourceKeys;
  readonly quota: KeyQuota;
  readonly persons: PersonQuota;
  readonly identityTokens: IdentityTokens;
  readonly now: () => Instant;
  readonly publicUrl: () => string;
};

/** What came of a request, item by item in the order of its body. */
export type Collected = {
  readonly accepted: number;
  readonly rejected: readonly ItemRefusal[];
  readonly outcomes: SubmissionOutcome;
  /** When what a quota refused may come again. */
  readonly waitSeconds?: number;
};

/** Who sends, and what is known of the request before its items. */
type Circumstances = Pick<Submission, 'receivedAt' | 'imported' | 'globalPrivacyControl' | 'import'>;

/**
 * Hands understood items, with what their identity tokens prove, to the door and joins its refusals with those of `wire`.
 * An item that names somebody more often than their quota allows is refused by itself; the others go in.
 */
export async function submitItems(
  service: CollectService,
  key: SourceKey,
  understood: Understood,
  circumstances: Circumstances,
): Promise<Collected> {
  const { source } = key;
  const { receivedAt, imported } = circumstances;
  const proven =
    understood.identityTokens.size === 0
      ? understood.items
      : await proveItems(service.identityTokens, understood, { source, receivedAt });
  // Whoever imports a file has its secret key and says how fast: a history is not asked for the pace of a life.
  const { within, beyond } = imported
    ? { within: proven, beyond: [] }
    : withinQuota(service.persons, key, proven, receivedAt);
  const left = beyond.map(({ at, waitSeconds }) => refusedBeyond(understood.indexes[at] ?? at, waitSeconds));
  const rejected = [...understood.rejected, ...left].sort((a, b) => a.index - b.index);
  const refused = new Map<string, number>();
  for (const { code, count } of rejected) refused.set(code, (refused.get(code) ?? 0) + (count ?? 1));
  const overheard = noesOf(
    source,
    beyond.map(({ at }) => proven[at] as IncomingItem),
    circumstances,
  );
  const outcomes = await service.door.submit({
    source,
    items: within,
    consents: [],
    refused,
    lane: imported ? `${key.id} import` : key.id,
    ...(overheard.length === 0 ? {} : { overheard }),
    ...circumstances,
  });
  return {
    accepted: outcomes.items.filter(isTaken).length,
    rejected,
    outcomes,
    ...(beyond.length === 0 ? {} : { waitSeconds: Math.max(...beyond.map(({ waitSeconds }) => waitSeconds)) }),
  };
}

type Beyond = { readonly at: number; readonly waitSeconds: number };

function withinQuota(
  persons: PersonQuota,
  key: SourceKey,
  items: readonly IncomingItem[],
  now: Instant,
): { readonly within: readonly IncomingItem[]; readonly beyond: readonly Beyond[] } {
  const beyond: Beyond[] = [];
  const within = items.filter((item, at) => {
    const taken = persons.takeItem(key, item, now);
    if (!taken.ok) beyond.push({ at, waitSeconds: taken.waitSeconds });
    return taken.ok;
  });
  return { within, beyond };
}

function refusedBeyond(index: number, waitSeconds: number): ItemRefusal {
  return { index, ...refusalOf('person-quota-exceeded', '', `in ${waitSeconds} s`) };
}

/** Of a request that is beyond the quota of its key the noes alone; its items are counted nowhere, as of any such request. */
export async function hearNoes(
  service: Pick<CollectService, 'door'>,
  key: SourceKey,
  { items }: Pick<Understood, 'items'>,
  circumstances: Circumstances,
): Promise<void> {
  const { source } = key;
  const overheard = noesOf(source, items, circumstances);
  if (overheard.length === 0) return;
  const lane = laneOfDecisions(key);
  await service.door.submit({ source, items: [], consents: [], refused: new Map(), overheard, lane, ...circumstances });
}

/** What people decide waits behind no event of their key. */
export function laneOfDecisions({ id }: SourceKey): string {
  return `${id} decisions`;
}

/** Of items that a limit refused those that may carry a no: it is heard all the same, and at once. */
function noesOf(
  source: Source,
  refused: readonly IncomingItem[],
  { globalPrivacyControl }: Pick<Submission, 'globalPrivacyControl'>,
): readonly IncomingItem[] {
  return refused.filter(({ stamp }) => globalPrivacyControl || (source.stamps !== undefined && stamp !== undefined));
}

/** Duplicates count as taken: the client resent what is here already. */
function isTaken(outcome: ItemOutcome): boolean {
  return outcome.kind !== 'refused';
}
