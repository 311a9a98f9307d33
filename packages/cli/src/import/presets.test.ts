import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImportKind, PRESETS } from '@filrouge/wire/import';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openFakeDoor } from '../testing/fake-door.ts';
import { filrouge, temporaryDirectory } from '../testing/run-filrouge.ts';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));

async function bring(preset: string, kind: ImportKind, ...more: readonly string[]) {
  const { path, remove } = await temporaryDirectory();
  const door = await openFakeDoor(() => ({ status: 200 }));
  onTestFinished(() => Promise.all([remove(), door.close()]).then(() => undefined));
  await copyFile(join(fixtures, `${preset}.csv`), join(path, 'export.csv'));
  const environment = { FILROUGE_URL: door.url, FILROUGE_KEY: 'k' };
  const run = await filrouge(['import', kind, 'export.csv', '--source', 's', ...more], {
    directory: path,
    environment,
  });
  return {
    ...run,
    items: door.calls.flatMap(({ batch }) => batch),
    mapping: await readFile(
      join(path, `export.csv.${kind === 'consents' ? 'consents.' : ''}mapping.yaml`),
      'utf8',
    ).catch(() => ''),
    errors: await readFile(join(path, 'errors.csv'), 'utf8').catch(() => ''),
  };
}

const ZELIE = 'zelie.vornat@example.com';
const OSCAR = 'oscar.tamblin@example.com';
const decided = (items: readonly Record<string, unknown>[]): unknown =>
  items.map(({ subject, decisions }) => {
    const [decision] = decisions as { purpose: string; status: string }[];
    return [(subject as { email?: string }).email, decision?.purpose, decision?.status];
  });

describe('known exports', () => {
  test('each has its fixture, is recognised by it alone, and is named in the mapping', async () => {
    const files = (await readdir(fixtures)).map((name) => name.replace('.csv', '')).sort();
    expect(PRESETS.map(({ name }) => name).sort()).toEqual(files);
    for (const { name, kinds } of PRESETS) {
      for (const kind of kinds) {
        const run = await bring(name, kind, '--dry-run');
        expect([name, kind, run.mapping.match(/preset: (.*)/)?.[1]]).toEqual([name, kind, name]);
      }
    }
  });

  test('Shopify, customers', async () => {
    const run = await bring('shopify-customers', 'customers');
    expect(run.exitCode).toBe(0);
    expect(run.items).toMatchObject([
      {
        identifiers: { userId: '7000000000001', email: ZELIE, phone: '+33639981201' },
        traits: { address: { postalCode: '01000', country: 'FR' } },
      },
      {
        identifiers: { userId: '7000000000002', email: OSCAR },
        traits: { address: { postalCode: '1000', country: 'BE' } },
      },
    ]);
    expect(JSON.stringify(run.items)).not.toMatch(/écharpes|fidèle|120\.5/);
  });

  test('Shopify, the boxes of customers: a yes is to be confirmed, and never given', async () => {
    const run = await bring('shopify-customers', 'consents');
    expect(decided(run.items)).toEqual([
      [ZELIE, 'email_marketing', 'requested'],
      [ZELIE, 'sms_marketing', 'refused'],
      [OSCAR, 'email_marketing', 'refused'],
      [OSCAR, 'sms_marketing', 'refused'],
    ]);
  });

  test('Shopify, orders: the first row speaks for the order, its lines add up', async () => {
    const run = await bring('shopify-orders', 'orders');
    expect(run.exitCode).toBe(0);
    expect(run.items).toMatchObject([
      {
        messageId: 'order:#1001:sale',
        timestamp: '2026-11-20 10:00:00 +0100',
        identifiers: { email: ZELIE },
        receipt: {
          amountMinor: 6280,
          vatMinor: 1047,
          coupon: 'NOEL5',
          lines: [
            { sku: 'ECH-1', quantity: 3, amountMinor: 5485 },
            { sku: 'GAN-1', amountMinor: 800 },
          ],
        },
      },
      { messageId: 'order:#1002:sale', receipt: { amountMinor: 800 } },
    ]);
    expect(JSON.stringify(run.items)).not.toMatch(/Standard|Vornat|5000000000001/);
  });

  test('Magento, customers: hash and tokens never leave the file, times are in UTC', async () => {
    const run = await bring('magento-customers', 'customers');
    expect(run.items).toMatchObject([
      {
        timestamp: '2026-11-20T09:00:00+00:00',
        identifiers: { email: ZELIE },
        traits: { birthday: '1980-02-29', createdAt: '2020-02-01T09:30:00+00:00' },
      },
    ]);
    expect(run.stderr).toContain(
      'kept out: confirmation, password_hash, rp_token, rp_token_created_at, password (passwords',
    );
    expect(JSON.stringify(run.items)).not.toMatch(/0a1b2c|0cc175/);
  });

  test('WooCommerce, orders: a guest without address is an order too', async () => {
    const run = await bring('woocommerce-orders', 'orders');
    expect(run.exitCode).toBe(0);
    expect(run.items).toMatchObject([
      {
        timestamp: '2026-11-20T10:00:00+01:00',
        identifiers: { email: ZELIE, phone: '+33639981201' },
        receipt: {
          number: '2001',
          currency: 'EUR',
          amountMinor: 3290,
          lines: [{ amountMinor: 1995 }, { amountMinor: 800 }],
        },
      },
      { identifiers: {}, receipt: { number: '2002', amountMinor: 800 } },
    ]);
  });

  test('PrestaShop, customers: newsletter is one purpose, optin that of partners', async () => {
    const run = await bring('prestashop-customers', 'customers');
    expect(run.items).toMatchObject([
      { identifiers: { userId: '12', email: ZELIE }, traits: { createdAt: '2020-02-01T10:30:00+01:00' } },
      { identifiers: { userId: '13', email: OSCAR }, traits: { createdAt: '2021-07-01T10:30:00+02:00' } },
    ]);
    expect(JSON.stringify(run.items)).not.toMatch(/\$2y|0cc175|192\.0\.2/);
    expect(decided((await bring('prestashop-customers', 'consents')).items)).toEqual([
      [ZELIE, 'email_marketing', 'requested'],
      [ZELIE, 'partner_sharing', 'refused'],
      [OSCAR, 'email_marketing', 'refused'],
      [OSCAR, 'partner_sharing', 'requested'],
    ]);
  });

  test('a till: cp1252, semicolons, decimal commas, a return in the hour that came twice', async () => {
    const run = await bring('till-tickets', 'tickets');
    expect(run.exitCode).toBe(0);
    expect(run.items).toMatchObject([
      {
        identifiers: { loyaltyCard: '2990001' },
        receipt: {
          number: '000123',
          amountMinor: 102_045,
          lines: [{ name: 'Écharpe cœur', amountMinor: 101_250, vatRate: 2_000 }, { sku: 'GAN-1' }],
        },
      },
      { receipt: { type: 'refund', amountMinor: -795, localTime: '2026-10-25T02:30:00+02:00' } },
    ]);
    expect(run.stdout).toMatch(/clock-showed-this-hour-twice +1\n/);
    expect(JSON.stringify(run.items)).not.toContain('V7');
  });

  test('a loyalty file: zeros put back and counted, lost digits refused, boxes to be confirmed', async () => {
    const run = await bring('loyalty-customers', 'customers');
    expect(run.exitCode).toBe(3);
    expect(run.items).toMatchObject([
      {
        identifiers: { loyaltyCard: '2990001', phone: '+33639981201' },
        traits: { firstName: 'Zélie', address: { postalCode: '01000' } },
      },
      { identifiers: { loyaltyCard: '2990002' }, traits: { address: { postalCode: '69003' } } },
    ]);
    expect(run.stdout).toMatch(/leading-zero-restored +3\n/);
    expect(run.errors).toContain('\n4,N° carte,scientific-notation,');
    const boxes = await bring('loyalty-customers', 'consents');
    expect(decided(boxes.items)).toContainEqual([ZELIE, 'email_marketing', 'requested']);
    expect(boxes.items).toHaveLength(5);
  });

  test('a preset can be forced upon a file that is not recognised, and not upon another kind', async () => {
    const run = await bring('till-tickets', 'tickets', '--preset', 'till-tickets');
    expect(run.stderr).toContain('by the preset till-tickets');
    expect(await bring('till-tickets', 'customers', '--preset', 'till-tickets')).toMatchObject({ exitCode: 2 });
  });
});
