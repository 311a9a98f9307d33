import type { Notice } from '../deployment/deployment.ts';
import type { BrandId } from '../deployment/source.ts';
import { type FactStatus, isNegative } from './consent-fact.ts';

/** The notice of a row that names none that can be shown again: under it a yes is only requested. */
export const IMPORTED_WITHOUT_NOTICE = { id: 'imported-without-notice', version: '1' } as const;
/** The notice of a row that brings the text itself, which stays under seal with the record. */
export const IMPORTED_WITH_TEXT = { id: 'imported-with-text', version: '1' } as const;

/** What a row of a file says of the text that was shown. */
export type ToldNotice = {
  readonly id?: string | undefined;
  readonly version?: string | undefined;
  readonly text?: string | undefined;
};

type NoticeKey = { readonly id: string; readonly version: string };

export function isSameNotice(a: NoticeKey, b: NoticeKey): boolean {
  return a.id === b.id && a.version === b.version;
}

/**
 * The notice under which a row of a file is recorded. A yes under a notice that nobody configured keeps its name, so
 * that it is refused and can be mended; a no is never lost for it.
 */
export function importedNotice(
  told: ToldNotice | undefined,
  statuses: readonly FactStatus[],
  brand: BrandId,
  notices: readonly Notice[],
): NoticeKey {
  const { id, version, text } = told ?? {};
  const named = id === undefined || version === undefined ? undefined : { id, version };
  if (named !== undefined && notices.some((one) => one.brand === brand && isSameNotice(one, named))) return named;
  if (text !== undefined) return IMPORTED_WITH_TEXT;
  return named === undefined || statuses.some(isNegative) ? IMPORTED_WITHOUT_NOTICE : named;
}
