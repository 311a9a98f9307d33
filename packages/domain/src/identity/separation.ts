import { pairKey } from './canonical-order.ts';
import type { Separation } from './identity-fact.ts';
import { compareText } from './node-order.ts';

/** The separations in force: of each pair the latest fact by (t, id), where it stands. */
export function standingSeparations<Fact extends Separation>(facts: Iterable<Fact>): readonly Fact[] {
  const latest = new Map<string, Fact>();
  for (const fact of facts) {
    if (fact.a.id === fact.b.id) continue;
    const key = pairKey(fact.a.id, fact.b.id);
    const known = latest.get(key);
    if (known === undefined || isLater(fact, known)) latest.set(key, fact);
  }
  return [...latest.values()].filter((fact) => fact.stands);
}

/** Of two facts with one time and id, which a store refuses, the one that keeps people apart. */
function isLater(fact: Separation, known: Separation): boolean {
  const order = fact.t - known.t || compareText(fact.id, known.id) || Number(fact.stands) - Number(known.stands);
  return order > 0;
}
