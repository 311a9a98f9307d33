import type { BrandId, SourceId } from '@filrouge/domain/deployment';
import type { Vault } from '@filrouge/ports';

/** Keyed apart from every source's messages: no source may bear this name, because names begin with a letter or digit. */
const RECEIPT_SPACE = '/receipt' as SourceId;

/**
 * A receipt's number as it may stand in clear: the printed number names whoever holds the paper (S15), and all that is
 * asked of it outside the seal is whether two are the same.
 */
export function receiptKey(vault: Vault, brand: BrandId, number: string): string {
  return vault.messageKey(brand, RECEIPT_SPACE, number);
}
