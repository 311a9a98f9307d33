import { expect, test } from 'vitest';
import { EM, SERVER } from '../testing/example-deployment.ts';
import { at, PipelineWorld } from '../testing/pipeline-world.ts';
import { item } from '../testing/told-items.ts';

// Two customers of one file, each with an account, one address between them: one no by the account that named the
// address, and a later yes by a card that never did. The address can be only one's, and chance says whose.

const ADDRESS = 'email:pair@example.com';
const NOW = at('2026-11-20T12:00:00');

async function told(first: string, second: string): Promise<PipelineWorld> {
  const world = new PipelineWorld();
  const t = at('2026-09-16');
  await world.decide(SERVER, ['user_id:acc', ADDRESS], 'refused', [EM], { at: at('2026-01-10') });
  await world.decide(SERVER, ['loyalty_card:card'], 'given', [EM], { at: at('2026-10-10') });
  await world.send(SERVER, NOW, [
    item('customer', ['user_id:acc', ADDRESS], { messageId: first, t }),
    item('customer', ['user_id:crd', 'loyalty_card:card', ADDRESS], { messageId: second, t }),
  ]);
  await world.projector.drain();
  return world;
}

test.each([
  ['a', 'b'],
  ['b', 'a'],
])(
  'S8 S13: a no on an address closes whoever the address may be, whichever of two accounts it falls to (%s, %s)',
  async (first, second) => {
    const world = await told(first, second);
    for (const who of ['user_id:acc', 'user_id:crd', 'loyalty_card:card', ADDRESS]) {
      expect([who, await world.status(who, EM, NOW)]).toEqual([who, 'refused']);
    }
  },
);

test('S7 S8 example 11: staff who keep the two apart give each their own word back', async () => {
  const world = await told('a', 'b');
  const [a, b] = [world.node('user_id:acc'), world.node('user_id:crd')];
  await world.separate(SERVER.brand, {
    a,
    b,
    stands: true,
    id: 'sep-1',
    t: at('2026-11-01'),
    by: 'dana',
    reason: 'two customers',
  });
  await world.projector.drain();
  expect(await world.status('user_id:acc', EM, NOW)).toBe('refused');
  expect(await world.status('loyalty_card:card', EM, NOW)).toBe('given');
});
