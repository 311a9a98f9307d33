import type { Instant } from '../base/instant.ts';
import { type ConsentFact, isNegative } from './consent-fact.ts';
import { isProven, orderTime } from './order-time.ts';

type Numbered = { readonly fact: ConsentFact; readonly number: number };
type Above = { readonly no?: Instant; readonly yes?: Instant; readonly verifiedYes?: Instant };

/**
 * The facts that a higher number of their own device contradicts (S5), each with the order time of the nearest one
 * that does. A renewal contradicts nothing, and so does a yes that still waits for its proof; an objection is taken
 * back by a verified yes alone (S7).
 */
export function contradictions(facts: readonly ConsentFact[]): ReadonlyMap<ConsentFact, Instant> {
  const found = new Map<ConsentFact, Instant>();
  for (const numbered of byDevice(facts)) {
    let above: Above = {};
    for (const group of downwards(numbered)) {
      for (const { fact } of group) {
        const by = contradictorOf(fact, above);
        if (by !== undefined) found.set(fact, by);
      }
      above = withGroup(above, group);
    }
  }
  return found;
}

function contradictorOf(fact: ConsentFact, above: Above): Instant | undefined {
  if (!isNegative(fact.status)) return above.no;
  return fact.status === 'objected' ? above.verifiedYes : above.yes;
}

/** The nearest contradictor below a group is the group's own where it has one; of two equal numbers, the later. */
function withGroup(above: Above, group: readonly Numbered[]): Above {
  let near: Above = {};
  for (const { fact } of group) {
    const order = orderTime(fact);
    if (order === 'requested' || !isProven(fact)) continue;
    if (isNegative(fact.status)) near = { ...near, no: latest(near.no, order) };
    else {
      near = { ...near, yes: latest(near.yes, order) };
      if (fact.verified) near = { ...near, verifiedYes: latest(near.verifiedYes, order) };
    }
  }
  return { ...above, ...near };
}

function latest(a: Instant | undefined, b: Instant): Instant {
  return a === undefined || b > a ? b : a;
}

function byDevice(facts: readonly ConsentFact[]): Iterable<readonly Numbered[]> {
  const devices = new Map<string, Numbered[]>();
  for (const fact of facts) {
    if (fact.sequence === undefined) continue;
    const { device, number } = fact.sequence;
    const numbered = devices.get(device);
    if (numbered === undefined) devices.set(device, [{ fact, number }]);
    else numbered.push({ fact, number });
  }
  return devices.values();
}

/** Groups of equal numbers, the highest first: equal numbers do not contradict each other. */
function downwards(numbered: readonly Numbered[]): readonly (readonly Numbered[])[] {
  const groups = new Map<number, Numbered[]>();
  for (const one of numbered) {
    const group = groups.get(one.number);
    if (group === undefined) groups.set(one.number, [one]);
    else group.push(one);
  }
  return [...groups.entries()].sort(([a], [b]) => b - a).map(([, group]) => group);
}
