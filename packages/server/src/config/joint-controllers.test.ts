import { expect, test } from 'vitest';
import { buildDeployment } from './build-deployment.ts';
import { ConfigError } from './config-error.ts';

type Group = { readonly id: string; readonly brands: readonly string[] };

function configOf(jointControllers: readonly Group[], noticeBrands: readonly string[] = []): object {
  return {
    brands: ['un', 'deux', 'trois'].map((id) => ({ id, name: id })),
    properties: [],
    sources: [],
    jointControllers,
    notices: [{ id: 'banner', version: '1', brand: 'un', brands: noticeBrands, purposes: [], text: { fr: 'Texte' } }],
  };
}

function problemsOf(config: object): readonly string[] {
  try {
    buildDeployment(config, 'test');
    return [];
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.message.split('\n').filter((line) => line.includes('/'));
    throw fault;
  }
}

test('S1 a group of joint controllers and a notice that speaks for several of its brands', () => {
  const deployment = buildDeployment(configOf([{ id: 'maison', brands: ['un', 'deux'] }], ['deux']), 'test');
  expect(deployment.jointControllers).toEqual([{ id: 'maison', brands: ['un', 'deux'] }]);
  expect(deployment.notices[0]).toMatchObject({ brand: 'un', brands: ['deux'] });
  expect(buildDeployment(configOf([]), 'test').jointControllers).toEqual([]);
});

test.each([
  [[{ id: 'g', brands: ['un', 'quatre'] }], [], '/jointControllers/0/brands/1: there is no brand quatre'],
  [[{ id: 'g', brands: ['un', 'un'] }], [], '/jointControllers/0/brands/1: un is in g already'],
  [
    [
      { id: 'g', brands: ['un', 'deux'] },
      { id: 'h', brands: ['deux', 'trois'] },
    ],
    [],
    '/jointControllers/1/brands/0: deux is in g already',
  ],
  [
    [
      { id: 'g', brands: ['un', 'deux'] },
      { id: 'g', brands: ['trois', 'quatre'] },
    ],
    [],
    '/jointControllers/1/id: g is declared twice',
  ],
  [[{ id: 'g', brands: ['un'] }], [], '/jointControllers/0/brands'],
  [[{ id: 'g', brands: ['un', 'deux'] }], ['trois'], '/notices/0/brands/0: un and trois are in no group'],
  [[{ id: 'g', brands: ['deux', 'trois'] }], ['deux'], '/notices/0/brands/0: un and deux are in no group'],
  [[], ['deux'], '/notices/0/brands/0: un and deux are in no group'],
] as const)('S1 %j with a notice for %j is refused: %s', (groups, brands, problem) => {
  expect(problemsOf(configOf(groups, brands)).join('\n')).toContain(problem);
});
