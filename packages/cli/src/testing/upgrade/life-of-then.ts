import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { House } from './house.ts';

// What happened in an installation before it was put away: by HTTP and files alone, so that any version can live it.

export const BRAND = 'atelier';
const PURPOSES = ['audience_measurement', 'store_measurement', 'profiling', 'email_marketing', 'postal_marketing'];

export const CONFIG_OF_THEN = {
  brands: [{ id: BRAND, name: 'Atelier' }],
  properties: [
    { id: 'site', brand: BRAND, name: 'Site', kind: 'site' },
    { id: 'shops', brand: BRAND, name: 'Shops', kind: 'shop' },
  ],
  stores: [{ id: 'lyon', brand: BRAND, name: 'Lyon Bellecour' }],
  sources: [
    { id: 'web', brand: BRAND, property: 'site', kind: 'web' },
    { id: 'server', brand: BRAND, property: 'site', kind: 'server' },
    { id: 'till', brand: BRAND, property: 'shops', kind: 'store' },
  ],
  notices: [
    { id: 'banner', version: '1', brand: BRAND, purposes: PURPOSES, text: { fr: 'Mesure et profil', en: 'Measures' } },
  ],
};

/** Who is asked about afterwards. */
export const PEOPLE = [
  'user_id:ines',
  'anonymous_id:ines-laptop',
  'user_id:jules',
  'user_id:karim',
  'user_id:lea',
  'email:family@example.com',
  'user_id:mona',
  'anonymous_id:nora-phone',
  'anonymous_id:stranger',
] as const;

const DAY_MS = 86_400_000;
/** Unit: days. */
const HOUR = 1 / 24;

/** Consents, a withdrawal, people who become one and are taken apart again, files, what was held, keys. */
export async function liveThen(house: House): Promise<void> {
  const at = (days: number): string => new Date(house.now - days * DAY_MS).toISOString();
  await decisions(house, at);
  await house.settled();
  await becomingOne(house, at);
  await house.settled();
  await visitsAndSales(house, at);
  await house.settled();
  await files(house, at);
  await house.settled();
  await afterwards(house, at);
  await house.settled();
}

type At = (days: number) => string;
type Statuses = Readonly<Record<string, readonly string[]>>;

async function decisions(house: House, at: At): Promise<void> {
  const decide = deciding(house);
  const day = at(30);
  await decide('server', { userId: 'ines' }, { given: ['profiling', 'email_marketing', 'store_measurement'] }, day);
  await decide(
    'web',
    { anonymousId: 'ines-laptop' },
    { given: ['audience_measurement', 'store_measurement'] },
    at(2 * HOUR),
  );
  await decide('server', { userId: 'jules' }, { given: ['profiling', 'email_marketing'] }, day);
  await decide('server', { userId: 'karim' }, { refused: ['profiling', 'email_marketing', 'store_measurement'] }, day);
  await decide('server', { userId: 'lea' }, { given: ['email_marketing', 'profiling'] }, day);
  await decide('server', { email: 'family@example.com' }, { refused: ['email_marketing'] }, day);
  await decide('server', { userId: 'mona' }, { objected: ['postal_marketing'] }, day);
  // A page names an address that nobody proved: its yes waits.
  await decide('web', { anonymousId: 'nora-phone', email: 'nora@example.com' }, { given: ['email_marketing'] }, at(0));
  await decide('web', { anonymousId: 'nora-phone' }, { given: ['audience_measurement'] }, at(2 * HOUR));
}

async function becomingOne({ post }: House, at: At): Promise<void> {
  const identify = (messageId: string, identifiers: object, traits: object = {}) =>
    post('server', '/v1/batch', {
      batch: [{ type: 'identify', messageId, timestamp: at(20), identifiers, traits }],
    });
  const ines = { userId: 'ines', email: 'Ines@Example.com', loyaltyCard: '2900 0777', anonymousId: 'ines-laptop' };
  await identify('i-1', ines, { firstName: 'Inès', lastName: 'Durand', shoeSize: 38 });
  await identify('i-2', { userId: 'jules', loyaltyCard: '2900 0888' }, { firstName: 'Jules' });
  await identify('i-3', { userId: 'lea', email: 'family@example.com' }, { firstName: 'Léa' });
}

async function visitsAndSales({ post }: House, at: At): Promise<void> {
  const page = (messageId: string, anonymousId: string) => ({
    type: 'page',
    messageId,
    anonymousId,
    timestamp: at(HOUR),
    name: 'Lamps',
    properties: { url: 'https://atelier.example/lamps', note: 'a private remark' },
  });
  const pages = ['ines-laptop', 'ines-laptop', 'nora-phone', 'stranger'].map((who, n) => page(`p-${n}`, who));
  await post('web', '/v1/batch', { batch: pages });
  const order = (number: string, userId: string, days: number, messageId = `o-${number}`) => ({
    type: 'track',
    event: 'Order Completed',
    messageId,
    userId,
    timestamp: at(days),
    properties: {
      order_id: number,
      total: 12.5,
      currency: 'EUR',
      products: [{ product_id: 'P1', sku: 'LAMP-1', name: 'Lamp', category: 'Home', price: 12.5, quantity: 1 }],
    },
  });
  await post('server', '/v1/batch', {
    batch: [
      order('1', 'ines', 9),
      order('2', 'jules', 8),
      order('3', 'karim', 7),
      order('4', 'lea', 6),
      // Held: too old; and an id that comes back with another content.
      order('5', 'mona', 900),
      order('6', 'mona', 901),
      order('7', 'karim', 902),
    ],
  });
  await post('server', '/v1/batch', { batch: [order('8', 'ines', 5, 'o-1')] });
  await post('till', '/v1/batch', {
    batch: ['2900 0777', '2900 0888'].map((loyaltyCard, n) => ({
      type: 'ticket',
      messageId: `t-${n}`,
      timestamp: at(0),
      identifiers: { loyaltyCard },
      receipt: {
        number: `T-${n}`,
        currency: 'EUR',
        amountMinor: 1_990 + n,
        store: 'lyon',
        lines: [{ sku: 'LAMP-1', quantity: 1, amountMinor: 1_990 + n }],
      },
    })),
  });
}

async function files({ directory, run }: House, at: At): Promise<void> {
  const tickets = (from: number, cards: readonly string[]): string =>
    [
      'ticket_id,occurred_at,store_id,currency,ticket_total,line_sku,line_amount,loyalty_card',
      ...cards.map((card, n) => `F-${from + n},${at(12)},lyon,EUR,7.00,LAMP-1,7.00,${card}`),
    ].join('\n');
  const texts = {
    'tickets.csv': [tickets(0, ['2900 0777', '2900 0888', '', '2900 0999']), 'till'],
    'wrong.csv': [tickets(100, ['2900 0777', '2900 0777']), 'till'],
    'products.csv': ['sku,name,category,price,currency\nLAMP-1,Lamp,Home,12.50,EUR', 'server'],
    'consents.csv': [
      `email,purpose,status,indicated_at,text\nold@example.com,email_marketing,refused,${at(300)},Oui ?\nyes@example.com,email_marketing,given,${at(300)},Oui ?`,
      'server',
    ],
  } as const;
  for (const [name, [text, source]] of Object.entries(texts)) {
    await writeFile(join(directory, name), text);
    const what = name === 'wrong.csv' ? 'tickets' : name.replace('.csv', '');
    await run(['import', what, name, '--source', source], source);
    await run(['import', 'list'], source);
  }
  await run(['import', 'undo', 'wrong.csv', '--yes'], 'till');
}

async function afterwards(house: House, at: At): Promise<void> {
  const { ask, post } = house;
  const decide = deciding(house);
  await decide('server', { userId: 'jules' }, { withdrawn: ['profiling', 'email_marketing'] }, at(1));
  await ask('POST', '/api/separations', {
    brand: BRAND,
    a: { namespace: 'user_id', value: 'lea' },
    b: { namespace: 'email', value: 'family@example.com' },
    reason: 'a family address',
  });
  const { items } = await ask('GET', '/api/quarantine?limit=100');
  const held = (items as readonly { readonly id: string; readonly reason: string }[]).filter(
    ({ reason }) => reason === 'too-old',
  );
  await ask('POST', `/api/quarantine/${held[0]?.id}/discard`, { reason: 'test' });
  await ask('POST', `/api/quarantine/${held[1]?.id}/replay`);
  await ask('POST', '/api/accounts', { email: 'admin@example.com', password: 'correct horse battery staple' });
  const { id } = await ask('POST', '/api/keys', { source: 'web' });
  await ask('DELETE', `/api/keys/${String(id)}`);
  // After the withdrawal: kept for the order alone.
  await post('server', '/v1/batch', {
    batch: [{ type: 'track', event: 'Wish', messageId: 'late', userId: 'jules', timestamp: at(0) }],
  });
}

function deciding({ post }: House) {
  return (source: string, subject: object, statuses: Statuses, indicatedAt: string): Promise<unknown> =>
    post(source, '/v1/consents', {
      subject,
      brand: BRAND,
      property: 'site',
      decisions: Object.entries(statuses).flatMap(([status, purposes]) =>
        purposes.map((purpose) => ({ purpose, status })),
      ),
      notice: { id: 'banner', version: '1' },
      channel: 'web',
      indicatedAt,
      indicatedBy: { kind: 'subject' },
    });
}
