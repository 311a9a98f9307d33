import { type ConsentSubmission, isNegative } from '@filrouge/domain/consent';
import type { IdentityTokens, TokenFault } from '../access/identity-tokens.ts';
import { ProblemAnswer } from '../http/problem-answer.ts';
import { proveSubject } from './prove-items.ts';

/** What is wrong with a token and how to mend it, in words. */
const FAULTS: Readonly<Record<TokenFault, string>> = {
  'too-long': 'It is longer than 8192 characters; sign one with fewer claims.',
  malformed: 'It is no signed JWT of type JWT; send the token itself, without "Bearer".',
  'unknown-issuer': 'Its "iss" is none of the identityIssuers of this brand; add the issuer to the configuration.',
  'wrong-audience': 'Its "aud" is not the one that the configuration names; sign it for that audience.',
  'unknown-key': 'Its "kid" is none of the issuer’s keys; add the public key to identityIssuers.',
  'algorithm-not-allowed':
    'It is not signed as its key is configured: EdDSA, ES256, RS256 or PS256, never none or HS256.',
  'bad-signature': 'Its signature is not that of the configured key; check that the key belongs to this issuer.',
  'claims-missing': 'It needs "sub", "iat" and "exp"; "sub" is the user id, "iat" and "exp" are seconds since 1970.',
  expired: 'It has expired, or is older than 24 hours; fetch a new one from the server that signs people in.',
  'not-yet-valid': 'It is dated more than five minutes ahead; check the clock of the server that signed it.',
  'other-subject':
    'It speaks of nobody whom "subject" names: its "sub" is compared with userId, its checked "email" with email.',
  'too-many': 'It came with too many others.',
};

type Proven = { readonly consent: ConsentSubmission; readonly identityToken?: TokenFault | 'verified' };

/**
 * A submission with what the identity token beside it proves of its subject. Whoever sends a token means the yes to be
 * the signed-in person's: one that rests on a token which proves nothing is refused, to be sent again with a good one.
 * A no needs no proof, and is never lost for a session that ran out.
 */
export async function proveConsent(
  tokens: IdentityTokens,
  { consent, identityToken }: { readonly consent: ConsentSubmission; readonly identityToken?: string },
  shown: Parameters<typeof proveSubject>[3],
): Promise<Proven> {
  if (identityToken === undefined) return { consent };
  const { proof, result } = await proveSubject(tokens, identityToken, consent.subject, shown);
  if (proof !== undefined) return { consent: { ...consent, proof }, identityToken: result };
  if (result !== 'verified' && consent.decisions.some(({ status }) => !isNegative(status))) {
    throw new ProblemAnswer('identity-token-refused', {
      pointer: '/identityToken',
      detail: `${FAULTS[result]} Or send the decision without a token: its yes is then only requested.`,
      extra: { reason: result },
    });
  }
  return { consent, identityToken: result };
}
