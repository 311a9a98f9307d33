import type { Namespace } from '@filrouge/domain/identity';

/**
 * Values that programs write when they know nobody. Each is the text of a missing value in some language (`null`,
 * `None`, `[object Object]`), a default of a form or library (`anonymous`, `guest`, `unknown`), the name of the field
 * itself (`userId`, `email`), or a boolean. Believed, one of them would join all strangers into one person. Compared
 * in lower case. Names that a person may bear stay out of the list.
 */
const PLACEHOLDERS = new Set(
  [
    'null|(null)|<null>|nil|none|undefined|nan|n/a|na|n.a.|void|empty|""|\'\'|true|false|-1|-|_|.|?',
    '[object object]|object|{}|[]|$undefined|string|placeholder|default|test|tests|todo|tbd|xxx',
    'anonymous|anonyme|anon|guest|invite|invité|visitor|visiteur|unknown|inconnu',
    'not_authenticated|not authenticated|not logged in|notset|not_set|(not set)|not set',
    'id|uid|userid|user_id|user id|anonymousid|anonymous_id|distinctid|distinct_id|deviceid|device_id',
    'customer_id|customerid|email|e-mail|mail|phone|{{userid}}|{{user_id}}|%user_id%',
  ].flatMap((line) => line.split('|')),
);

/** Zeros and dashes only: the advertising id of those who opted out, an unset key, a till's "no card". */
const NOTHING_BUT_ZEROS = /^[0-]*$/;

/** Mailboxes that nobody reads, or that stand for "the customer gave none", when the domain repeats the word. */
const NOBODY_READS = /^(?:no-?reply|do-?not-?reply|ne-?pas-?repondre)(?:[+._-].*)?@/;
const NO_ADDRESS =
  /^(test|tests|none|null|na|no|non|email|mail|nomail|noemail|inconnu|unknown|anonymous|client|a|aa|aaa|x|xx|xxx|toto)@\1\.[a-z]+$/;

/** `+33611111111`: eight equal digits are typed to get past a form. */
const SAME_DIGITS = /(\d)\1{7}$/;

/**
 * Whether a normalised value must never stand for a person (S13). It stays in the payload, the item gets the mark
 * `blocked-identifier`, and what the frequency of a value shows later is decided elsewhere.
 */
export function isBlockedValue(namespace: Namespace, value: string): boolean {
  if (namespace === 'email') return NOBODY_READS.test(value) || NO_ADDRESS.test(value);
  if (namespace === 'phone') return SAME_DIGITS.test(value);
  return NOTHING_BUT_ZEROS.test(value) || (value.length <= 24 && PLACEHOLDERS.has(value.toLowerCase()));
}
