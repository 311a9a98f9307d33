/** A rule of the domain that the code itself broke: a bug, never bad input. The item is quarantined and the fault reported. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new InvariantBroken(rule);
}
