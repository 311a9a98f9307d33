import type { Stage, StageResult } from './stage.ts';

/** Below its floor a guard saw less than the house holds: it is blind, whatever it says. Narrowed on purpose, it has none. */
export function verdict(
  stage: Pick<Stage, 'name' | 'unit' | 'floor' | 'takesFilters'>,
  result: StageResult,
  filtered: boolean,
): { readonly green: boolean; readonly line: string } {
  const saw = `${stage.name}: ${result.count} ${stage.unit}`;
  if (!result.ok) return { green: false, line: `RED ${saw}` };
  const floor = filtered && stage.takesFilters ? 1 : stage.floor;
  if (result.count >= floor) return { green: true, line: `ok  ${saw}` };
  return { green: false, line: `RED ${saw}, fewer than its floor of ${floor}` };
}
