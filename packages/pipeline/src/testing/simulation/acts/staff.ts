import type { ImportNote } from '@filrouge/ports';
import type { Submission } from '../../../door/submission.ts';
import { incomingFrom, openQuarantined, releaseOf } from '../../../quarantine/release-entry.ts';
import { DEPLOYMENT } from '../../example-deployment.ts';
import { submission } from '../../told-items.ts';
import type { ScriptedFile } from '../script.ts';
import { orDeath, type SimWorld } from '../sim-world.ts';
import { hearItems, recordOf, tellDecision, tellItems } from './say.ts';

/** Items, then decisions, each in a request of its own: the second believes that it goes on with the first's run. */
export async function importFile(world: SimWorld, file: ScriptedFile): Promise<void> {
  const { name, source } = file;
  let run: number | undefined;
  const sendRows = async (said: Pick<Submission, 'items' | 'consents'>) => {
    const note: ImportNote = { import: name, kind: 'events', file: `${name}.csv`, content: '' };
    const going = run === undefined ? note : { ...note, run };
    const answer = await world.submit((now) => submission(source, now, { ...said, imported: true, import: going }));
    world.trace(`import of ${name}: ${answer === 'closed' ? answer : `run ${answer.run}`}`);
    return answer;
  };
  const rows = tellItems(world, source, file.items, true);
  const answer = await sendRows({ items: rows.map(({ item }) => item), consents: [] });
  if (answer === 'closed') return;
  hearItems(world, rows, answer.items);
  run = answer.run;
  if (file.decisions.length === 0) return;
  const told = file.decisions.map((saying) => tellDecision(world, source, { ...saying, own: true, saying }));
  const consents = file.decisions.map((saying, at) => ({
    ...recordOf(source, saying.who, [saying], saying.at),
    row: { messageId: `${name}-${at}`, body: '', day: saying.at },
  }));
  const decided = await sendRows({ items: [], consents });
  if (decided === 'closed') return;
  for (const [at, { kind }] of decided.consents.entries()) {
    const one = told[at];
    if (one !== undefined && kind !== 'refused') one.ackedAt = world.time.now;
  }
}

/** Closes whatever run of the file stands; whoever projects takes back what it brought. */
export async function undo(world: SimWorld, { name }: ScriptedFile): Promise<void> {
  const closed = await world.insist(async ({ stores, process }) => {
    const { imports } = stores.projection;
    const open = await imports.list({ state: 'open', import: name, limit: 10 });
    for (const { number } of open) await imports.close(number, 'dana', process.now());
    return open.length;
  });
  world.trace(`undone ${name}: ${closed}`);
}

/** Lets one entry out of quarantine, as it is. */
export async function release(world: SimWorld): Promise<void> {
  const { process, stores } = world.anyDoor();
  const looked = stores.reading.quarantined({ state: 'open', limit: 10 });
  const open = await orDeath(process, looked).catch(() => []);
  if (open.length === 0 || !process.isAlive) return;
  const entry = world.random.pick(open);
  const held = openQuarantined(world.vault, entry);
  const source = DEPLOYMENT.sources.get(entry.source);
  if (!held.ok || source === undefined) return;
  const { imported, run, messageId } = held.value;
  const isReused = entry.reason === 'message-id-reused';
  const standsAs = isReused ? `${messageId}~${entry.id}` : messageId;
  world.facts.releases.set(entry.id, { entry: entry.id, source, messageId: standsAs, sentAs: messageId, isReused });
  const answer = await world.submit((now) =>
    releaseOf(entry, incomingFrom(held.value), { source, imported, ...(run === undefined ? {} : { run }), now }),
  );
  world.trace(`released ${standsAs}: ${answer === 'closed' ? answer : answer.items[0]?.kind}`);
}
