/** The kinds of identifier that tie facts to a person (S13). A payment-card token is recognised only to be kept out: off by default, and it never merges (CNIL 2018-303). */
export const NAMESPACES = [
  'user_id',
  'loyalty_card',
  'email',
  'phone',
  'anonymous_id',
  'device_id',
  'push_token',
  'payment_card',
] as const;
export type Namespace = (typeof NAMESPACES)[number];

/** A normalised identifier in clear: it exists only between the door and the vault, never in a log or an engine. */
export type Identifier = { readonly namespace: Namespace; readonly value: string };

/** Login types name a known person and join each other through a verified link (S13). */
export const LOGIN_NAMESPACES = ['user_id', 'loyalty_card'] as const;
/** Person types: a fact on one of them speaks of the person. */
export const PERSON_NAMESPACES = ['user_id', 'loyalty_card', 'email', 'phone'] as const;
/** Device types: a fact on one of them speaks of the terminal. */
export const DEVICE_NAMESPACES = ['anonymous_id', 'device_id', 'push_token'] as const;

/** Strongest first (S13): the first of these present in an item is its claim. */
export const CLAIM_PRIORITY: readonly Namespace[] = [
  'user_id',
  'loyalty_card',
  'email',
  'phone',
  'anonymous_id',
  'device_id',
  'push_token',
];

export function isPersonNamespace(namespace: Namespace): boolean {
  return (PERSON_NAMESPACES as readonly Namespace[]).includes(namespace);
}

export function isDeviceNamespace(namespace: Namespace): boolean {
  return (DEVICE_NAMESPACES as readonly Namespace[]).includes(namespace);
}

export function isLoginNamespace(namespace: Namespace): boolean {
  return (LOGIN_NAMESPACES as readonly Namespace[]).includes(namespace);
}
