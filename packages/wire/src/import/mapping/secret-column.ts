import { normalName } from './normal-name.ts';

/** Why a column is kept out whatever it may be good for. */
export type SecretKind = 'secret' | 'payment';

const SECRETS =
  /\b(password|passwd|passwords|pwd|mdp|mot passe|passphrase|hash|salt|token|tokens|secret|api key|apikey|private key|otp|pin code|code pin|reset key|secure key)\b/;
/** Names that say it only when nothing else stands beside them: a confirmation key, not the date of a confirmation. */
const SECRET_ALONE = new Set(['confirmation', 'pin', 'key']);
const PAYMENTS =
  /\b(iban|bic|rib|cvv|cvc|carte bancaire|card pan|pan|numero carte bancaire|credit card|numero cb|cc number)\b/;

/** bcrypt, Argon2, PHPass, crypt; MD5 to SHA-512 in hexadecimal, with or without a salt behind a colon; a JSON Web Token. */
const SECRET_VALUES = [
  /^\$(?:2[abxy]|argon2(?:id|i|d)|[156]|P|H|S)\$/,
  /^[0-9a-f]{32}(?:[0-9a-f]{8}){0,12}:[\w./+=-]+(?::\w+)*$/i,
  /^[0-9a-f]{128}$/i,
  /^eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*$/,
];
const IBAN = /^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?$/;

/** Values of a column that must look like a secret before the column is taken for one. */
const SECRET_SHARE = 0.5;

/** A column of passwords, tokens or means of payment, by its name or by what stands in it; undefined for any other. */
export function secretKindOf(name: string, values: readonly string[]): SecretKind | undefined {
  const normal = normalName(name);
  if (SECRETS.test(normal) || SECRET_ALONE.has(normal)) return 'secret';
  if (PAYMENTS.test(normal)) return 'payment';
  const many = (test: (value: string) => boolean): boolean =>
    values.length > 0 && values.filter(test).length >= values.length * SECRET_SHARE;
  if (many((value) => SECRET_VALUES.some((form) => form.test(value)))) return 'secret';
  return many((value) => IBAN.test(value) && /\d{10}/.test(value.replaceAll(' ', ''))) ? 'payment' : undefined;
}
