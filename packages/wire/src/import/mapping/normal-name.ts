const FILLERS = new Set(['de', 'du', 'des', 'd', 'l', 'le', 'la', 'the', 'of']);
const NUMBER_WORDS = new Set(['num', 'nr', 'nro', 'no']);

/**
 * A column's name as it is compared: without accents, case, punctuation and articles, `N°`, `no` and `num` as one.
 * `N° de carte`, `NUM_CARTE` and `numCarte` are one name.
 */
export function normalName(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/n[°º]|№/gi, ' numero ')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .split(' ');
  if (words.length === 1) return words[0] ?? '';
  return words
    .filter((word) => !FILLERS.has(word))
    .map((word) => (NUMBER_WORDS.has(word) ? 'numero' : word))
    .join(' ');
}

/** Characters of a name: what is longer is none that somebody gave a column. */
const NAME_LENGTH_MAX = 256;
/** What stands in brackets behind a name, and the currency of an amount: they say how it is written, not what it is. */
const REMARK = /\s*(?:\([^()]*\)|\[[^[\]]*\]|\b(?:en\s+)?(?:euros?|eur)\s*$)/gi;
/** A remark that makes another amount of it, which must not be taken for the one with tax. */
const UNTAXED = /\b(?:ht|hors|net|excl|excluding|without|sans|before)\b/i;

/**
 * A name without its remarks, in its normal form: `Newsletter (oui/non)`, `Total TTC [€]` and `Total TTC en euros` are
 * `newsletter` and `total ttc`. Undefined where it has none, or one that changes what it means.
 */
export function nameWithoutRemark(name: string): string | undefined {
  if (name.length > NAME_LENGTH_MAX) return undefined;
  const bare = name.replace(REMARK, '').trim();
  if (bare === '' || bare === name.trim()) return undefined;
  return (name.match(REMARK) ?? []).some((remark) => UNTAXED.test(remark)) ? undefined : normalName(bare);
}
