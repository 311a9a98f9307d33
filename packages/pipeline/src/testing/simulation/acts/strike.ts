import type { Instant } from '@filrouge/domain/base';
import { MAISON } from '../../example-deployment.ts';
import type { Act } from '../script.ts';
import { orDeath, type SimWorld } from '../sim-world.ts';

export async function kill(world: SimWorld, { role, which }: Extract<Act, { do: 'kill' }>): Promise<void> {
  if (role === 'projector') {
    world.projectors[which]?.process.kill();
    return;
  }
  const dying = world.doors[which];
  dying?.process.kill();
  await world.time.sleep(world.random.below(1_000));
  if (world.doors[which] === dying) world.openDoor(which);
}

export async function replay(world: SimWorld): Promise<void> {
  const { process, role } = world.random.pick(world.projectors);
  await orDeath(process, role.replay()).then(
    () => world.trace('replayed'),
    () => undefined,
  );
}

/** What maintenance does each day, with a journal of which today alone is kept. */
export async function keepHouse(world: SimWorld): Promise<void> {
  const { process, stores } = world.random.pick(world.projectors);
  const { snapshots } = stores.projection;
  const keeping = async (): Promise<void> => {
    const taken = await snapshots.take(process.now(), (position) => stores.events.digestUpTo(position));
    const pruned = await snapshots.prune(new Date(process.now()).toISOString().slice(0, 10));
    world.trace(`kept house: snapshot ${taken?.id} at ${taken?.position}, ${pruned.days.length} days gone`);
    if (pruned.days.length > 0) world.hit('journal pruned');
  };
  await orDeath(process, keeping()).catch(() => undefined);
}

/** What is left of an erasure: the tombstone, as every door meets it (S14). */
export async function erase(world: SimWorld, who: string): Promise<void> {
  const node = world.node(who);
  const entomb = (): Promise<number> =>
    world.database.transaction((draft) => {
      draft.tombstone.put(node, { node, erasedAt: world.time.now as Instant });
      const head = draft.head.get('one');
      if (head === undefined) return 0;
      const identityVersion = head.identityVersion + 1;
      draft.head.put('one', { ...head, identityVersion });
      draft.change.put(String(identityVersion), { version: identityVersion, nodes: [node] });
      return head.journalPosition;
    });
  // The power may go meanwhile.
  const doneAt = await entomb().catch(entomb);
  world.trace(`erased ${who} at ${doneAt}`);
  world.facts.erasures.push({ who, brand: MAISON, doneAt });
}
