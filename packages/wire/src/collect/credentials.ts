/** The parts of a request that may carry a write key. Header names as Node gives them. */
export type CredentialInput = {
  readonly authorization?: string | undefined;
  readonly xWriteKey?: string | undefined;
  /** `writeKey` of the query string. */
  readonly queryWriteKey?: string | undefined;
  /** `writeKey` of the body (`Frame.writeKey`). */
  readonly bodyWriteKey?: string | undefined;
};

/** A write key, where it stood, and the secret half that Jitsu's `keyId:secret` and Basic's password may bring. */
export type Credentials = {
  readonly writeKey: string;
  readonly secret?: string;
  readonly via: 'basic' | 'bearer' | 'header' | 'query' | 'body';
};

const KEY_LENGTH_MAX = 256;

function split(text: string): { readonly writeKey: string; readonly secret?: string } | undefined {
  const colon = text.indexOf(':');
  const writeKey = (colon === -1 ? text : text.slice(0, colon)).trim();
  if (writeKey === '' || writeKey.length > KEY_LENGTH_MAX) return undefined;
  const secret = colon === -1 ? '' : text.slice(colon + 1);
  return secret === '' ? { writeKey } : { writeKey, secret };
}

function fromAuthorization(header: string): Credentials | undefined {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic': {
      const key = split(Buffer.from(value, 'base64').toString('utf8'));
      // Dittofeed's documentation has people paste the key itself after "Basic".
      return key === undefined ? undefined : { ...key, via: 'basic' };
    }
    case 'bearer': {
      const key = split(value);
      return key === undefined ? undefined : { ...key, via: 'bearer' };
    }
    default:
      return undefined;
  }
}

/**
 * Every write key that a request offers, in the order in which they are believed: Basic, X-Write-Key, body, query,
 * Bearer. Bearer comes last because Segment's OAuth clients send a token there and the write key in the body. The
 * server tries them in turn; none known = `write-key-unknown`, none at all = `write-key-missing`.
 */
export function credentialsOf(input: CredentialInput): readonly Credentials[] {
  const found: Credentials[] = [];
  const authorization = input.authorization === undefined ? undefined : fromAuthorization(input.authorization);
  if (authorization?.via === 'basic') found.push(authorization);
  const places = [
    ['header', input.xWriteKey],
    ['body', input.bodyWriteKey],
    ['query', input.queryWriteKey],
  ] as const;
  for (const [via, text] of places) {
    const key = text === undefined ? undefined : split(text);
    if (key !== undefined) found.push({ ...key, via });
  }
  if (authorization?.via === 'bearer') found.push(authorization);
  return found;
}
