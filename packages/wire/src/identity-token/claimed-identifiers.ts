import { accept, type Json, type JsonObject, type Result, refuse } from '@filrouge/domain/base';
import type { Identifier, Namespace } from '@filrouge/domain/identity';
import { isBlockedValue } from '../collect/blocked.ts';
import { normaliseIdentifier } from '../collect/identifiers.ts';

/** E.164 as OpenID Connect Core 5.1 recommends it: a number without its country could be two people's. */
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * The identifiers that the claims of a checked token stand for, in the normal form of items: `sub` is the user id; an
 * address or a number counts where the issuer says that it checked it. Claims that cannot be read are left out, but
 * for `sub`: a token of nobody is refused.
 */
export function claimedIdentifiers(claims: JsonObject): Result<readonly Identifier[], 'subject-unreadable'> {
  const user = claimed('user_id', claims['sub']);
  if (user === undefined) return refuse('subject-unreadable');
  const { phone_number: phone } = claims;
  const others = [
    isTrue(claims['email_verified']) ? claimed('email', claims['email']) : undefined,
    isTrue(claims['phone_number_verified']) && typeof phone === 'string' && E164.test(phone)
      ? claimed('phone', phone)
      : undefined,
    claimed('loyalty_card', claims['loyalty_card']),
  ];
  return accept([user, ...others.filter((one) => one !== undefined)]);
}

/** Some providers write the boolean as text (Sign in with Apple). */
function isTrue(value: Json | undefined): boolean {
  return value === true || value === 'true';
}

function claimed(namespace: Namespace, value: Json | undefined): Identifier | undefined {
  if (typeof value !== 'string') return undefined;
  const normal = normaliseIdentifier(namespace, value, 'FR');
  if (!normal.ok || normal.value === '' || isBlockedValue(namespace, normal.value)) return undefined;
  return { namespace, value: normal.value };
}
