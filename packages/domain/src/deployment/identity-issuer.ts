/**
 * Signatures of identity tokens: asymmetric ones alone, so that who can check a token cannot make one. `Ed25519` is
 * the newer name of `EdDSA` with that curve (RFC 9864).
 */
export const IDENTITY_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'RS256', 'PS256'] as const;
export type IdentityAlgorithm = (typeof IDENTITY_ALGORITHMS)[number];

/** A public key as the configuration gives it, checked: the algorithms that fit it, and no private part. */
export type IssuerKey = {
  readonly kid: string;
  readonly algorithms: readonly IdentityAlgorithm[];
  readonly jwk: Readonly<Record<string, string>>;
};

/** Who may say that somebody is signed in (S11): the brand's own server, or its OpenID provider. */
export type IdentityIssuer = {
  /** `iss` of its tokens, as it stands there. */
  readonly issuer: string;
  /** `aud` of its tokens: one of these. */
  readonly audiences: readonly string[];
  readonly kind: 'signed-token' | 'oidc';
  readonly keys: readonly IssuerKey[];
};
