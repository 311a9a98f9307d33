/** Words that are looked for. Lower-case letters only, so that no normal form changes them. */
export const MARKERS = {
  /** Of what nobody permitted, of what was refused, and of retries: nowhere, in no form. */
  withheld: 'qzwithheldxkv',
  /** Of what was kept, where it is not on the list of S15: sealed only. */
  kept: 'qzkeptsealedxkv',
  /** Of what was kept, where it is: in clear for reports. */
  clear: 'qzkeptclearxkv',
  /** Of who decided: sealed in the consent record only, where nothing else of the person was kept. */
  subject: 'qzsubjectxkv',
  /** Of what waits for a person's decision: sealed in quarantine only. */
  quarantined: 'qzquarantinedxkv',
} as const;
export type Marker = keyof typeof MARKERS;

let made = 0;

/** A word that is used once: the marker, and letters of its own. */
export function canary(marker: Marker): string {
  made += 1;
  return MARKERS[marker] + made.toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? 'q');
}

/** Who an item concerns, in the fields of the collecting API. */
export type Who = Readonly<Partial<Record<'anonymousId' | 'userId', string>>>;

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Call = { readonly [key: string]: Json };

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';

/**
 * A call with a canary in every place where a client can put one; where S15 lets a value stand in clear, that of
 * `clear`. `name` is what the header of a withheld item shows: there the canary stands in what the scrubbing takes out.
 */
export function callFull(type: string, who: Who, marker: Marker, at: number, clear: Marker = marker): Call {
  const one = (): string => canary(marker);
  return {
    type,
    messageId: one(),
    timestamp: new Date(at).toISOString(),
    ...who,
    ...(type === 'track' ? { event: `Viewed ${one()}@example.com` } : {}),
    ...(type === 'page' || type === 'screen' ? { name: one(), category: canary(clear) } : {}),
    ...(type === 'group' ? { groupId: one() } : {}),
    ...(type === 'alias' ? { previousId: one() } : {}),
    properties: propertiesFull(one, () => canary(clear)),
    ...(type === 'identify' || type === 'group' || type === 'customer' ? { traits: traitsFull(one) } : {}),
    context: contextFull(one, () => canary(clear)),
    integrations: { All: true, [one()]: { id: one() } },
  };
}

function propertiesFull(one: () => string, clear: () => string): Call {
  return {
    url: `https://shop.example/p/${one()}?q=${one()}&email=${one()}%40example.com#${one()}`,
    path: `/p/${one()}`,
    search: `?gclid=${one()}`,
    referrer: `https://${one()}.example/?u=${one()}`,
    title: one(),
    [one()]: 1,
    note: one(),
    nested: { deep: [[{ [one()]: one() }]] },
    email: `${one()}@example.com`,
    coupon: one(),
    order_id: one(),
    query: `lamp ${clear()} ${one()}@example.com`,
    brand: clear(),
    products: [{ sku: clear(), category: clear(), name: one(), coupon: one(), url: `https://shop.example/${one()}` }],
  };
}

function traitsFull(one: () => string): Call {
  return {
    email: `${one()}@example.com`,
    firstName: one(),
    lastName: one(),
    address: { street: one(), city: one() },
    [one()]: one(),
  };
}

function contextFull(one: () => string, clear: () => string): Call {
  return {
    ip: '203.0.113.7',
    userAgent: `${BROWSER} ${one()}`,
    locale: one(),
    page: { url: `https://shop.example/?utm_id=1&x=${one()}`, title: one(), referrer: one() },
    campaign: { source: clear(), name: clear() },
    library: { name: one(), version: one() },
    device: { name: one(), model: one() },
    screen: { [one()]: 2 },
    externalIds: [{ id: one(), type: one(), collection: 'users', encoding: 'none' }],
  };
}

/** A receipt as the native form states it; number, coupon and names of lines name a person, codes and store do not. */
export function receiptFull(kind: 'order' | 'ticket', marker: Marker, clear: Marker = marker): Call {
  return {
    kind,
    type: 'sale',
    number: canary(marker),
    currency: 'EUR',
    amountMinor: 4_200,
    store: canary(clear),
    till: canary(marker),
    coupon: canary(marker),
    lines: [{ sku: canary(clear), name: canary(marker), category: canary(clear), quantity: 1, amountMinor: 4_200 }],
  };
}
