import type { PurposeId } from '@filrouge/domain/consent';
import { stopTestClickHouse } from '@filrouge/engine-clickhouse/testing';
import { afterAll, expect, test } from 'vitest';
import { buildDeployment } from './config/build-deployment.ts';
import { startServer } from './start-server.ts';
import { openHouseByUrl } from './work/testing/house-by-url.ts';

afterAll(stopTestClickHouse);

function configured(...purposes: readonly string[]) {
  return buildDeployment(
    {
      brands: [{ id: 'maison', name: 'Maison' }],
      properties: [{ id: 'site', brand: 'maison', name: 'site', kind: 'site' }],
      sources: [{ id: 'shop-server', brand: 'maison', property: 'site', kind: 'server' }],
      purposes: purposes.map((id) => ({ id, basis: 'consent', scope: ['person'] })),
    },
    'test',
  );
}

test('S10: rows that were kept for one purpose never pass for another’s, however the configuration moves them', async () => {
  const house = await openHouseByUrl();
  const bits = async (...purposes: readonly string[]): Promise<readonly (number | undefined)[]> => {
    const server = await startServer({ ...house.options, deployment: configured(...purposes) });
    const known = server.engines.deployment.purposes;
    await server.close();
    return purposes.map((id) => known.get(id as PurposeId)?.bit);
  };
  const [gifts, wifi] = await bits('gift_list', 'in_store_wifi');
  expect(gifts).not.toBe(wifi);
  expect(await bits('in_store_wifi', 'gift_list')).toEqual([wifi, gifts]);
  const [workshops] = await bits('workshops');
  expect([gifts, wifi]).not.toContain(workshops);
  expect(await bits('gift_list')).toEqual([gifts]);
  await house.close();
});
