/** What stands where something personal stood. */
const GAP = '•';

const WORDS = /[^\s,;<>()"]+/gu;
/** An at sign, in any of the widths that keyboards offer. */
const AT = /[@＠﹫]/u;
/** Six digits or more, also when typed in groups: a telephone, card or order number, a date of birth. */
const DIGIT_RUNS = /\+?\p{Nd}(?:[\s.\-/()_]{0,2}\p{Nd}){5,}/gu;
/** Characters that show nothing and could hide the above from us: format and control characters. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu;

/**
 * What nearly every name and category looks like: words of ASCII and of the letters À to ÿ, one space between two, without
 * what could stand for an at sign, and with fewer than six digits. None of the steps below finds anything in it.
 */
const PLAIN = /^(?!(?:[^0-9]*[0-9]){6})[!-$'-?A-~À-ÿ]+(?: [!-$'-?A-~À-ÿ]+)*$/;

/** Looked at word by word: a pattern for words with an at sign would try each letter of a long one as its beginning. */
function withoutAddress(word: string): string {
  return AT.test(word) ? GAP : word;
}

/**
 * S15: a text typed by people (search terms, event names, campaign names) without anything that carries an `@` or six
 * or more digits; what was there becomes `•`. At most `length` characters. Applying it twice changes nothing.
 */
export function scrubPersonal(text: string, length: number): string {
  if (text.length <= length && PLAIN.test(text)) return text;
  // Encoded at signs reach us from addresses that were pasted twice.
  const seen = text
    .normalize('NFKC')
    .replace(UNSEEN, ' ')
    .replace(/%40|&commat;|&#0*64;|&#x0*40;/gi, '@');
  const scrubbed = seen.replace(WORDS, withoutAddress).replace(DIGIT_RUNS, GAP).replace(/\s+/g, ' ').trim();
  return scrubbed.length <= length ? scrubbed : scrubbed.slice(0, length).toWellFormed().trim();
}
