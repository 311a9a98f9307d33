import type { Purpose } from '@filrouge/domain/consent';
import { BEGINNING, END } from '@filrouge/domain/identity';
import { createExporter } from '../../../export/create-exporter.ts';
import { DEPLOYMENT, MAISON } from '../../example-deployment.ts';
import { orDeath, type SimWorld } from '../sim-world.ts';

/** Exports all persons for a purpose: read, then a while later asked again and published. */
export async function exportFor(world: SimWorld, purpose: Purpose): Promise<void> {
  const { process, stores } = world.anyDoor();
  const deps = { reading: stores.reading, events: stores.events, vault: world.vault, deployment: DEPLOYMENT };
  const span = { from: BEGINNING, to: END };
  const exporter = createExporter(deps, { kind: 'people', brand: MAISON, purpose, now: process.now(), span });
  const reading = async () => {
    const rows = [];
    for await (const page of exporter.pages()) rows.push(...page.rows);
    await world.time.sleep(world.random.below(20_000));
    const since = world.time.now;
    const published = world.bug === 'exports are not asked again' ? rows : await exporter.again(rows);
    return { since, published };
  };
  const done = await orDeath(process, reading()).catch(() => undefined);
  if (done === undefined) return;
  const items = done.published.flatMap((row) => row?.items ?? []);
  world.trace(`exported ${items.length} for ${purpose.id}`);
  for (const { identifiers } of items) {
    const who = namesOf(identifiers as Readonly<Record<string, string>>);
    if (world.facts.isClosed({ brand: MAISON, who, whole: false, purpose: purpose.id, since: done.since })) {
      world.violations.push(`5: ${[...who].join()} was exported for ${purpose.id} after a no`);
    }
  }
}

const NAMESPACES: Readonly<Record<string, string>> = {
  userId: 'user_id',
  loyaltyCard: 'loyalty_card',
  email: 'email',
};

function namesOf(identifiers: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(Object.entries(identifiers).map(([field, value]) => `${NAMESPACES[field] ?? field}:${value}`));
}
