import type { MessageKey, SeenAnswer, SeenKey, Vault } from '@filrouge/ports';
import type { HashedItem } from './hashed-item.ts';

/** Bodies of one id that one group tells apart; what goes beyond is another body, and waits in quarantine. */
const VARIANTS_MAX = 8;

type Claim = (keys: readonly SeenKey[]) => Promise<readonly SeenAnswer[]>;

/** The ids of a group that may be claimed before it has its turn: all of them, where no two are equal. */
export function claimedEarly(items: readonly HashedItem[]): readonly SeenKey[] {
  const ids = new Set<MessageKey>();
  for (const { seen } of items) ids.add(seen.id);
  return ids.size === items.length ? items.map(({ seen }) => seen) : [];
}

/**
 * Which of these items were seen before, as if each had come in a commit of its own (S16): the store is asked once for
 * all ids, and again only for what bears a known id with another body, and for ids that one group brings several times.
 *
 * @param early what was answered on `claimedEarly`
 */
export async function claimSeen(
  vault: Pick<Vault, 'messageKey'>,
  items: readonly HashedItem[],
  claim: Claim,
  early: readonly SeenAnswer[] = [],
): Promise<readonly SeenAnswer[]> {
  if (early.length === items.length) return tellApart(vault, items, early, claim);
  const keys = claimedEarly(items);
  return keys.length === items.length
    ? tellApart(vault, items, await claim(keys), claim)
    : claimRepeated(vault, items, claim);
}

async function tellApart(
  vault: Pick<Vault, 'messageKey'>,
  items: readonly HashedItem[],
  told: readonly SeenAnswer[],
  claim: Claim,
): Promise<readonly SeenAnswer[]> {
  if (!told.includes('other-body')) return told;
  const others = items.filter((_, at) => told[at] === 'other-body');
  const retold = await claim(others.map((one) => bodyKeyOf(vault, one)));
  let next = 0;
  return told.map((answer) => {
    if (answer !== 'other-body') return answer;
    next += 1;
    return retold[next - 1] === 'new' ? 'other-body' : 'duplicate';
  });
}

async function claimRepeated(
  vault: Pick<Vault, 'messageKey'>,
  items: readonly HashedItem[],
  claim: Claim,
): Promise<readonly SeenAnswer[]> {
  const variants = variantsOf(items);
  const answers = new Map<string, SeenAnswer>();
  const rounds = [...variants.values()].reduce((most, { length }) => Math.max(most, length), 0);
  for (let round = 0; round < Math.min(rounds, VARIANTS_MAX); round += 1) {
    const asked = [...variants.values()].flatMap((several) => several[round] ?? []);
    const told = await claim(asked.map(({ seen }) => seen));
    for (const [at, one] of asked.entries()) answers.set(variantOf(one), told[at] as SeenAnswer);
  }
  const others = [...variants.values()]
    .flat()
    .filter((one) => (answers.get(variantOf(one)) ?? 'other-body') === 'other-body');
  const retold = others.length === 0 ? [] : await claim(others.map((one) => bodyKeyOf(vault, one)));
  for (const [at, one] of others.entries()) {
    answers.set(variantOf(one), retold[at] === 'new' ? 'other-body' : 'duplicate');
  }
  const told = new Set<string>();
  return items.map((one) => {
    const variant = variantOf(one);
    if (told.has(variant)) return 'duplicate';
    told.add(variant);
    return answers.get(variant) as SeenAnswer;
  });
}

/** By id, the first item of each body and day, in the order of arrival. */
function variantsOf(items: readonly HashedItem[]): ReadonlyMap<MessageKey, readonly HashedItem[]> {
  const variants = new Map<MessageKey, HashedItem[]>();
  const known = new Set<string>();
  for (const one of items) {
    const variant = variantOf(one);
    if (known.has(variant)) continue;
    known.add(variant);
    const several = variants.get(one.seen.id);
    if (several === undefined) variants.set(one.seen.id, [one]);
    else several.push(one);
  }
  return variants;
}

function variantOf({ seen }: HashedItem): string {
  return `${seen.id} ${seen.body} ${seen.day ?? ''}`;
}

/** Under this key another body of a known id is remembered, so that its own retries are duplicates of it. */
function bodyKeyOf(vault: Pick<Vault, 'messageKey'>, { brand, source, item, seen }: HashedItem): SeenKey {
  return { ...seen, id: vault.messageKey(brand, source.id, `${item.messageId}\n${item.bodyHash}`) };
}
