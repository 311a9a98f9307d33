import type { Delivery, Retailer } from './retailer.ts';

/** Purposes that rest on a yes, by the notice with which people are asked for them: on terminals and in accounts. */
const ASKED = {
  banner: ['audience_measurement', 'personalisation', 'advertising', 'store_measurement'],
  preferences: ['profiling', 'email_marketing', 'email_open_tracking'],
};

type Item = Readonly<Record<string, unknown>>;

/** A request whose body can be read, item by item. */
function itemsOf({ body }: Delivery): readonly Item[] | undefined {
  try {
    const parsed = JSON.parse(body) as { readonly batch?: readonly Item[] };
    return parsed.batch;
  } catch {
    return undefined;
  }
}

const FIELDS = ['userId', 'anonymousId', 'loyaltyCard', 'email', 'phone'] as const;

/**
 * A yes to everything from everybody, from before the history. With it the door's verdicts rest on no link, so that
 * what is kept is the same in any order of arrival; who decided what comes after the events, where it changes no
 * verdict and every answer (S3).
 */
export function yesOfEverybody({ calls, imports }: Retailer, at: number): readonly Delivery[] {
  const subjects = new Map<string, { readonly brand: string; readonly subject: Item }>();
  const add = (brand: string, field: string, value: unknown): void => {
    if (typeof value === 'string' && value.trim() !== '') {
      subjects.set(`${brand} ${field} ${value}`, { brand, subject: { [field]: value } });
    }
  };
  for (const delivery of [...calls, ...imports]) {
    const brand = delivery.source.split('-').slice(0, -1).join('-');
    for (const item of itemsOf(delivery) ?? []) {
      const { context, traits, identifiers, properties } = item as Record<string, Item | undefined>;
      const device = context?.['device'] as Item | undefined;
      add(brand, 'deviceId', device?.['id']);
      const places = [item, traits, identifiers, properties, context?.['traits'] as Item | undefined];
      for (const place of places) for (const field of FIELDS) add(brand, field, place?.[field]);
    }
  }
  return [...subjects.values()].flatMap(({ brand, subject }) =>
    Object.entries(ASKED).map(([notice, purposes]) => ({
      source: `${brand}-server`,
      path: '/v1/consents',
      body: JSON.stringify({
        subject,
        brand: BRAND_OF[brand],
        property: `${brand}-site`,
        decisions: purposes.map((purpose) => ({ purpose, status: 'given' })),
        notice: { id: `${brand}-${notice}`, version: '2025-10' },
        channel: 'web',
        indicatedAt: new Date(at).toISOString(),
        indicatedBy: { kind: 'subject' },
      }),
    })),
  );
}

const BRAND_OF: Readonly<Record<string, string>> = { aubrac: 'maison-aubrac', 'petit-large': 'petit-large' };

/** The same items in other requests and another order, each under its own source and path. */
export function shuffled(deliveries: readonly Delivery[], seed: number): readonly Delivery[] {
  const random = sequence(seed);
  const loose: Delivery[] = [];
  for (const delivery of deliveries) {
    const items = itemsOf(delivery);
    if (items === undefined) loose.push(delivery);
    else for (const item of items) loose.push({ ...delivery, body: JSON.stringify(item) });
  }
  const mixed = mix(loose, random);
  const requests: Delivery[] = [];
  // Runs of a few items of one door, so that sources take turns.
  for (const [, batch] of Map.groupBy(
    mixed.entries(),
    ([at, { source, path }]) => `${Math.floor(at / 60)} ${source} ${path}`,
  )) {
    const [first] = batch;
    if (first === undefined) continue;
    const bodies = batch.map(([, { body }]) => body);
    const together = first[1].path === '/v1/batch' || first[1].path === '/v1/import';
    if (together) requests.push({ ...first[1], body: `{"batch":[${bodies.join(',')}]}` });
    else for (const [, alone] of batch) requests.push(alone);
  }
  return mix(requests, random);
}

function mix<T>(list: readonly T[], random: () => number): readonly T[] {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}

/** Numbers in 0..1, the same for the same seed (Numerical Recipes). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * The same calls with the true time in them and no time of departure: what they mean then hangs on no clock of ours, so
 * that two installations that receive them at different moments keep the same facts (S4).
 */
export function timed(deliveries: readonly Delivery[], now: number): readonly Delivery[] {
  return deliveries.map((delivery) => {
    const items = itemsOf(delivery);
    if (items === undefined) return delivery;
    const batch = items.map((item) => {
      const { sentAt, ...rest } = item;
      if (typeof sentAt !== 'string') return item;
      const skew = Date.parse(sentAt) - now;
      const times = ['timestamp', 'originalTimestamp'].flatMap((field) => {
        const text = rest[field];
        const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
        return Number.isNaN(at) ? [] : [[field, new Date(at - skew).toISOString()]];
      });
      return { ...rest, ...Object.fromEntries(times) };
    });
    return { ...delivery, body: JSON.stringify({ batch }) };
  });
}
