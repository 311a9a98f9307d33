import type { FlowReading } from '@filrouge/ports';

/** S2: everything that was accepted is in exactly one of the other places. */
export function isBalanced(flow: Omit<FlowReading, 'bySource'>): boolean {
  const { accepted, pending, kept, withheld, quarantined, discarded } = flow;
  return accepted === pending + kept + withheld + quarantined + discarded;
}
