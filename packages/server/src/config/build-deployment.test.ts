import { describe, expect, test } from 'vitest';
import { buildDeployment } from './build-deployment.ts';
import { ConfigError } from './config-error.ts';

const notice = { id: 'banner', version: '1', brand: 'maison', purposes: ['advertising'], text: { en: 'Text' } };
const web = { id: 'web', brand: 'maison', property: 'site', kind: 'web' };
const stamps = { noticeId: 'banner', noticeVersion: '1', categories: { pub: ['advertising'] } };

function configuration(more: object = {}): object {
  return {
    brands: [{ id: 'maison', name: 'Maison' }],
    properties: [{ id: 'site', brand: 'maison', name: 'Site', kind: 'site' }],
    sources: [web],
    notices: [notice],
    ...more,
  };
}

function problemsOf(more: object): readonly string[] {
  try {
    buildDeployment(configuration(more), 'filrouge.config.ts');
    return [];
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.problems;
    throw fault;
  }
}

describe('a configuration that cannot be meant is refused at the start, each slip with its place', () => {
  test.each([
    ['wire.md 4.5: stamps without a mapping', { sources: [{ ...web, stamps: { ...stamps, categories: {} } }] }, '/sources/0/stamps/categories'],
    ['stamps under a notice that could not be shown', { sources: [{ ...web, stamps: { ...stamps, noticeVersion: '2' } }] }, '/sources/0/stamps'],
    ['R5, R8: a category of a purpose that its notice does not name', { sources: [{ ...web, stamps: { ...stamps, categories: { pub: ['advertising', 'profiling'] } } }] }, '/sources/0/stamps/categories/pub'],
    ['a category that means no purpose', { sources: [{ ...web, stamps: { ...stamps, categories: { pub: ['telepathy'] } } }] }, '/sources/0/stamps/categories/pub'],
    ['S12: a source that serves no purpose there is', { sources: [{ ...web, serves: { page: ['telepathy'] } }] }, '/sources/0/serves/page'],
    ['a source of a brand that is not there', { sources: [{ ...web, brand: 'atelier' }] }, '/sources/0/brand'],
    ['a source of another brand’s property', { brands: [{ id: 'maison', name: 'M' }, { id: 'atelier', name: 'A' }], sources: [{ ...web, brand: 'atelier' }] }, '/sources/0/property'],
    ['two sources of one name', { sources: [web, web] }, '/sources/1/id'],
    ['a notice of a purpose that is not there', { notices: [{ ...notice, purposes: ['telepathy'] }] }, '/notices/0/purposes/0'],
    ['a key that nobody reads', { sources: [{ ...web, alowedOrigins: [] }] }, '/sources/0'],
    ['a kind of item that is not there', { sources: [{ ...web, allowedKinds: ['purchase'] }] }, '/sources/0/allowedKinds/0'],
    ['more purposes than a row has bits', { purposes: Array.from({ length: 60 }, (_, at) => ({ id: `own_${String.fromCharCode(97 + (at % 26))}${at}`, basis: 'consent', scope: ['person'] })) }, '/purposes/42'],
  ])('%s', (_, more, place) => {
    expect(problemsOf(more).map((problem) => problem.split(':')[0])).toContain(place);
  }); // biome-ignore format: one slip a row

  test('the whole list is told at once', () => {
    expect(problemsOf({ sources: [{ ...web, brand: 'x', property: 'y' }], notices: [{ ...notice, brand: 'z' }] }).length).toBeGreaterThanOrEqual(3);
  }); // biome-ignore format: one configuration
});

describe('what a source may do unless its configuration says otherwise', () => {
  const of = (kind: string, more: object = {}) =>
    [...buildDeployment(configuration({ sources: [{ ...web, kind, ...more }] }), 'x').sources.values()][0];

  test('a public key states no sale, no customer and no call; a secret one states all', () => {
    for (const kind of ['web', 'app']) {
      const allowed = of(kind)?.allowedKinds ?? [];
      expect(allowed).toContain('page');
      for (const trusted of ['order', 'ticket', 'customer', 'call', 'mail']) expect(allowed).not.toContain(trusted);
    }
    for (const kind of ['server', 'store']) expect(of(kind)?.allowedKinds).toContain('ticket');
  });

  test('its stamps decide nothing, every origin may send, and telephone numbers are French', () => {
    expect(of('web')).toMatchObject({ allowedOrigins: [], country: 'FR', kiosk: false, serves: {} });
    expect(of('web')).not.toHaveProperty('stamps');
    expect(of('web', { stamps })).toMatchObject({ stamps });
  });
});

test('a retailer’s own purpose stands beside those of the default configuration, and may change the basis of one', () => {
  const { purposes } = buildDeployment(
    configuration({
      purposes: [
        { id: 'gift_registry', basis: 'contract', scope: ['person'] },
        { id: 'postal_marketing', basis: 'consent', scope: ['person'] },
      ],
    }),
    'x',
  );
  const byId = Object.fromEntries([...purposes.values()].map((purpose) => [purpose.id, purpose]));
  expect(byId['gift_registry']).toMatchObject({ basis: 'contract', scope: { device: false, person: true } });
  expect(byId['postal_marketing']).toMatchObject({ basis: 'consent' });
  expect(new Set([...purposes.values()].map(({ bit }) => bit)).size).toBe(purposes.size);
});
