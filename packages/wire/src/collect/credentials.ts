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

/** Our own keys, as they are given out; `_` is in no base64 of RFC 7617. */
const PLAIN_KEY = /^[a-z]+_[A-Za-z0-9_-]+$/;

function fromAuthorization(header: string): readonly Credentials[] {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic': {
      const key = split(Buffer.from(value, 'base64').toString('utf8'));
      // Dittofeed's clients send what they are given as it is, and people give them the key itself after "Basic".
      const plain = PLAIN_KEY.test(value) ? split(value) : undefined;
      return [key, plain].flatMap((one) => (one === undefined ? [] : [{ ...one, via: 'basic' } as const]));
    }
    case 'bearer': {
      const key = split(value);
      return key === undefined ? [] : [{ ...key, via: 'bearer' }];
    }
    default:
      return [];
  }
}

/**
 * Every write key that a request offers, in the order in which they are believed: Basic, X-Write-Key, body, query,
 * Bearer. Bearer comes last because Segment's OAuth clients send a token there and the write key in the body. The
 * server tries them in turn; none known = `write-key-unknown`, none at all = `write-key-missing`.
 */
export function credentialsOf(input: CredentialInput): readonly Credentials[] {
  const authorization = input.authorization === undefined ? [] : fromAuthorization(input.authorization);
  const found = authorization.filter(({ via }) => via === 'basic');
  const places = [
    ['header', input.xWriteKey],
    ['body', input.bodyWriteKey],
    ['query', input.queryWriteKey],
  ] as const;
  for (const [via, text] of places) {
    const key = text === undefined ? undefined : split(text);
    if (key !== undefined) found.push({ ...key, via });
  }
  return [...found, ...authorization.filter(({ via }) => via === 'bearer')];
}
