import type { Instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { Door, ItemOutcome, Submission, SubmissionOutcome } from '@filrouge/pipeline';
import type { ItemRefusal, Understood } from '@filrouge/wire';
import type { IdentityTokens } from '../access/identity-tokens.ts';
import type { KeyQuota } from '../access/key-quota.ts';
import type { SourceKeys } from '../access/source-keys.ts';
import { proveItems } from './prove-items.ts';

/** What the routes that take events work with. */
export type CollectService = {
  readonly door: Door;
  readonly keys: SourceKeys;
  readonly quota: KeyQuota;
  readonly identityTokens: IdentityTokens;
  readonly now: () => Instant;
  readonly publicUrl: () => string;
};

/** What came of a request, item by item in the order of its body. */
export type Collected = {
  readonly accepted: number;
  readonly rejected: readonly ItemRefusal[];
  readonly outcomes: SubmissionOutcome;
};

/** Hands understood items, with what their identity tokens prove, to the door and joins its refusals with those of `wire`. */
export async function submitItems(
  service: CollectService,
  source: Source,
  understood: Understood,
  circumstances: Pick<Submission, 'receivedAt' | 'imported' | 'globalPrivacyControl' | 'import'>,
): Promise<Collected> {
  const refused = new Map<string, number>();
  const { receivedAt } = circumstances;
  const items =
    understood.identityTokens.size === 0
      ? understood.items
      : await proveItems(service.identityTokens, understood, { source, receivedAt });
  for (const { code, count } of understood.rejected) refused.set(code, (refused.get(code) ?? 0) + (count ?? 1));
  const outcomes = await service.door.submit({
    source,
    items,
    consents: [],
    refused,
    ...circumstances,
  });
  return {
    accepted: outcomes.items.filter(isTaken).length,
    rejected: understood.rejected,
    outcomes,
  };
}

/** Duplicates count as taken: the client resent what is here already. */
function isTaken(outcome: ItemOutcome): boolean {
  return outcome.kind !== 'refused';
}
