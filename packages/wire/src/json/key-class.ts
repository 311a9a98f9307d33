/** What a key's name alone says about its value. */
export type KeyClass = 'plain' | 'forbidden' | 'secret' | 'identity-token' | 'card' | 'reference';

/** Compared without case, `_`, `-`, `.` and spaces. */
const SECRET_NAMES = new Set([
  'password', 'passwd', 'pwd', 'pass', 'passphrase', 'passcode', 'userpassword', 'newpassword', 'oldpassword',
  'currentpassword', 'passwordconfirmation', 'confirmpassword', 'motdepasse', 'mdp',
  'token', 'accesstoken', 'refreshtoken', 'idtoken', 'identitytoken', 'authtoken', 'sessiontoken', 'bearertoken', 'apitoken', 'jwt',
  'csrf', 'csrftoken', 'xsrf', 'xsrftoken', 'resettoken', 'otp', 'onetimepassword',
  'secret', 'clientsecret', 'apisecret', 'secretkey', 'privatekey', 'apikey', 'xapikey', 'accesskey',
  'authorization', 'proxyauthorization', 'cookie', 'setcookie', 'sessioncookie',
  'cvv', 'cvv2', 'cvc', 'cvc2', 'csc', 'cardsecuritycode', 'cardpin',
  'ssn', 'socialsecuritynumber', 'nir', 'numerosecuritesociale', 'numerodesecuritesociale',
]); // biome-ignore format: a list reads better in lines of kin

const CARD_NAMES = new Set([
  'cardnumber', 'creditcardnumber', 'creditcard', 'ccnumber', 'ccnum', 'cardno', 'pan', 'debitcardnumber', 'bankcard',
  'paymentcard', 'paymentcardnumber', 'numerodecarte', 'numerocarte',
]); // biome-ignore format: a list reads better in lines of kin

/** Names of codes that may look like a payment card by chance: an EAN, a loyalty card, an order number. */
const REFERENCE =
  /(sku|ean|gtin|upc|barcode|isbn|order|ticket|receipt|transaction|product|variant|loyalty|fidelit|phone|mobile|messageid|userid|anonymousid|deviceid|timestamp)/;

const CACHE_SIZE_MAX = 8_192;
const CACHED_KEY_LENGTH_MAX = 64;
const cache = new Map<string, KeyClass>();

/** Classifies a key by name; remembered, because a site's events use the same few hundred names for ever. */
export function keyClassOf(key: string): KeyClass {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const found = classify(key);
  if (key.length <= CACHED_KEY_LENGTH_MAX) {
    if (cache.size >= CACHE_SIZE_MAX) cache.clear();
    cache.set(key, found);
  }
  return found;
}

function classify(key: string): KeyClass {
  if (key === '__proto__') return 'forbidden';
  const name = key.toLowerCase().replace(/[\s_.-]+/g, '');
  if (key === 'identityToken') return 'identity-token';
  if (SECRET_NAMES.has(name)) return 'secret';
  if (CARD_NAMES.has(name)) return 'card';
  return REFERENCE.test(name) ? 'reference' : 'plain';
}

/** Digits of a card as typed: 13 to 19, with single spaces or hyphens between them (ISO/IEC 7812-1). */
const CARD_SHAPE = /^\d(?:[ -]?\d){12,18}$/;

/** Whether the digits pass the check of ISO/IEC 7812-1, annex B (Luhn). */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Lengths and first digits that the card schemes issue; without them one EAN in ten would pass for a card. */
const ISSUED =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12})$/;

/** A payment-card number under a key whose name does not say so. */
export function looksLikeCard(text: string): boolean {
  if (text.length < 13 || text.length > 37) return false;
  const first = text.charCodeAt(0);
  if (first < 0x30 || first > 0x39 || !CARD_SHAPE.test(text)) return false;
  const digits = text.replace(/[ -]/g, '');
  return ISSUED.test(digits) && passesLuhn(digits);
}

/** A payment-card number under a key that announces one: any 13 to 19 digits that pass the check. */
export function isCardDigits(text: string): boolean {
  return CARD_SHAPE.test(text) && passesLuhn(text.replace(/[ -]/g, ''));
}
