import { type Instant, instant } from '@filrouge/domain/base';
import type { ConsentSubmission } from '@filrouge/domain/consent';
import type { Source } from '@filrouge/domain/deployment';
import type { IncomingItem } from '@filrouge/domain/event';
import type { Node } from '@filrouge/domain/identity';
import { MAISON } from '../../example-deployment.ts';
import { aReceipt, consent, identifier, item, submission } from '../../told-items.ts';
import type { Act, Saying, ScriptedItem } from '../script.ts';
import type { SimWorld } from '../sim-world.ts';
import type { ToldDecision, ToldItem } from '../told-facts.ts';

export async function send(world: SimWorld, { source, items }: Extract<Act, { do: 'send' }>): Promise<void> {
  const told = tellItems(world, source, items, false);
  const answer = await world.submit((now) => submission(source, now, { items: told.map((one) => one.item) }));
  if (answer !== 'closed') hearItems(world, told, answer.items);
}

export function tellItems(
  world: SimWorld,
  source: Source,
  items: readonly ScriptedItem[],
  isOfFile: boolean,
): readonly ToldItem[] {
  const told = items.map((one) => ({ source, item: itemOf(one, world.time.now), names: one.names, isOfFile }));
  world.facts.items.push(...told);
  return told;
}

export function hearItems(world: SimWorld, told: readonly ToldItem[], outcomes: readonly ToldItem['outcome'][]): void {
  for (const [at, outcome] of outcomes.entries()) {
    Object.assign(told[at] as object, { outcome });
    world.trace(`answered ${told[at]?.item.messageId} ${outcome?.kind}`);
  }
}

export async function decide(world: SimWorld, act: Extract<Act, { do: 'decide' }>): Promise<void> {
  const { source, who, own, says } = act;
  const at = Math.trunc(world.time.now - 2_000) as Instant;
  const told = says.map((saying) => tellDecision(world, source, { who, own, saying, at }));
  const record = recordOf(source, who, says, at);
  const answer = await world.submit((now) => submission(source, now, { consents: [record] }));
  const kind = answer === 'closed' ? answer : answer.consents[0]?.kind;
  for (const one of told) {
    if (kind === 'recorded') one.ackedAt = world.time.now;
    world.trace(`answered ${who} ${one.status} ${one.purpose} ${kind}`);
  }
}

export function tellDecision(
  { facts }: SimWorld,
  { brand }: Source,
  said: { readonly who: string; readonly own: boolean; readonly saying: Saying; readonly at: Instant },
): ToldDecision {
  const { who, own, saying, at } = said;
  const told: ToldDecision = { brand, who, own, purpose: saying.purpose.id, status: saying.status, at };
  facts.decisions.push(told);
  return told;
}

/** One record of several decisions. */
export function recordOf(source: Source, who: string, says: readonly Saying[], at: Instant): ConsentSubmission {
  const decisions = says.map(({ purpose, status }) => ({ purpose: purpose.id, vendor: '*', status }));
  return { ...consent(source, [who], 'given', [], { at }), decisions };
}

export async function separate(world: SimWorld, { a, b }: Extract<Act, { do: 'separate' }>): Promise<void> {
  const t = world.time.now as Instant;
  const told = { a, b, at: t };
  world.facts.separations.push(told);
  const said = { id: `${a} ${b} ${t}`, t, stands: true, by: 'dana', reason: 'two customers' };
  const fact = { ...said, a: personNode(world, a), b: personNode(world, b) };
  await world.insist(({ stores }) =>
    stores.projection.project((transaction) => transaction.putSeparation(MAISON, fact)),
  );
  Object.assign(told, { acked: true });
}

function personNode({ node }: SimWorld, name: string): Node {
  return { namespace: identifier(name).namespace, id: node(name) };
}

function itemOf({ kind, names, messageId, age, at, session }: ScriptedItem, sentAt: number): IncomingItem {
  const receipt = kind === 'ticket' || kind === 'order' ? { receipt: aReceipt(`R-${messageId}`, { kind }) } : {};
  const t = at ?? (age === undefined ? undefined : instant(Math.trunc(sentAt - age)));
  return item(kind, names, {
    messageId,
    ...(t === undefined ? {} : { t }),
    ...(session === undefined ? {} : { session }),
    ...receipt,
  });
}
