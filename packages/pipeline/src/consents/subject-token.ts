import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import { type NodeId, parseNodeId } from '@filrouge/domain/identity';
import type { Vault } from '@filrouge/ports';

/** Keyed apart from every source's messages: no source may bear this name, because names begin with a letter or digit. */
const TOKEN_SPACE = '/subject-token' as SourceId;

/**
 * What a browser shows to read its own consents again: the subject's node with a keyed hash over it. It is bound to
 * the brand, names nobody, and cannot be made for another person without the vault.
 */
export function subjectTokenOf(vault: Vault, brand: BrandId, node: NodeId): string {
  return `${node}.${vault.messageKey(brand, TOKEN_SPACE, node).replaceAll('-', '')}`;
}

/** The subject of a token, or undefined for one that this vault did not make for this brand. */
export function subjectOfToken(vault: Vault, brand: BrandId, token: string): NodeId | undefined {
  const node = parseNodeId(token.slice(0, 32));
  if (node === undefined) return undefined;
  const expected = subjectTokenOf(vault, brand, node);
  return token.length === expected.length && sameText(token, expected) ? node : undefined;
}

/** Takes the same time wherever two texts differ. */
function sameText(a: string, b: string): boolean {
  let difference = 0;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
