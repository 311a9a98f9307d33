import type { Instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import { type Identifier, type IdentityProof, proofOf } from '@filrouge/domain/identity';
import type { Understood } from '@filrouge/wire';
import type { IdentityTokens, TokenFault, TokenVerdict } from '../access/identity-tokens.ts';

/** Different tokens of one request that are checked: a page has one visitor, a server's batch a few hundred users. */
export const TOKENS_PER_REQUEST_MAX = 500;

type Shown = { readonly source: Source; readonly receivedAt: Instant };

/**
 * The items of a request with what their identity tokens prove. A token that proves nothing leaves its item as it would
 * be without: neither refused nor believed. What came of each is counted.
 */
export async function proveItems(
  tokens: IdentityTokens,
  { items, identityTokens }: Pick<Understood, 'items' | 'identityTokens'>,
  shown: Shown,
): Promise<readonly IncomingItem[]> {
  const verdicts = new Map<string, TokenVerdict>();
  for (const token of identityTokens.values()) {
    if (verdicts.size >= TOKENS_PER_REQUEST_MAX) break;
    if (!verdicts.has(token)) verdicts.set(token, await tokens.check(shown.source.brand, token, shown.receivedAt));
  }
  return items.map((item, at) => {
    const token = identityTokens.get(at);
    if (token === undefined) return item;
    const { proof, result } = judge(verdicts.get(token) ?? TOO_MANY, item.identifiers);
    tokens.count(shown.source.id, result);
    return proof === undefined ? item : { ...item, proof };
  });
}

/** What the token beside a decision proves of its subject, or why it proves nothing. */
export async function proveSubject(
  tokens: IdentityTokens,
  token: string,
  subject: readonly Identifier[],
  shown: Shown,
): Promise<{ readonly proof?: IdentityProof; readonly result: TokenFault | 'verified' }> {
  const judged = judge(await tokens.check(shown.source.brand, token, shown.receivedAt), subject);
  tokens.count(shown.source.id, judged.result);
  return judged;
}

const TOO_MANY: TokenVerdict = { kind: 'unproven', fault: 'too-many' };

function judge(verdict: TokenVerdict, named: readonly Identifier[]): Awaited<ReturnType<typeof proveSubject>> {
  if (verdict.kind === 'unproven') return { result: verdict.fault };
  const proof = proofOf(verdict.by, verdict.identifiers, named);
  return proof === undefined ? { result: 'other-subject' } : { proof, result: 'verified' };
}
