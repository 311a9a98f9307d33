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
