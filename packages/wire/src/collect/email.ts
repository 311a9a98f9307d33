import { domainToASCII } from 'node:url';

const ADDRESS_LENGTH_MAX = 254;
const LOCAL_LENGTH_MAX = 64;
/** The usual case in one look: ASCII, dot-atom, at least two labels, a top level of letters. */
const PLAIN =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 6531: the local part may use any letter, mark or digit beyond ASCII. */
const WIDE_LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/**
 * One e-mail address as people type it -> the form under which it is recognised; undefined when it is none. The subset
 * of RFC 5321 that mail providers hand out: dot-atom local part, host name with two labels or more; no quoted strings,
 * comments or address literals. Trimmed, NFC, lower case; dots and `+tags` stay, because only one provider ignores
 * them and elsewhere they tell two people apart. International domains become their ASCII form.
 */
export function readEmail(text: string): string | undefined {
  const address = text.trim();
  if (address.length < 3 || address.length > ADDRESS_LENGTH_MAX) return undefined;
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 1 || at > LOCAL_LENGTH_MAX) return undefined;
  if (PLAIN.test(lower)) return lower;
  const local = lower.slice(0, at).normalize('NFC');
  if (!WIDE_LOCAL.test(local) || Buffer.byteLength(local) > LOCAL_LENGTH_MAX) return undefined;
  const domain = domainToASCII(lower.slice(at + 1).normalize('NFC'));
  const ascii = `a@${domain}`;
  return domain !== '' && PLAIN.test(ascii) && domain.length <= 253 ? `${local}@${domain}` : undefined;
}
