// `npm test`: every check a change must pass, cheapest first, stopping at the first red one.
// The last line on stdout is always `N passed, N failed`, over all tests that ran; a red guard counts as one failure.
import { parseArgs } from 'node:util';
import { deadCode, format, graph, lint, types } from './check/guards.ts';
import type { Stage, StageResult } from './check/stage.ts';
import { tests } from './check/tests.ts';

const stages: readonly Stage[] = [format, types, lint, graph, deadCode, tests('unit'), tests('int'), tests('e2e')];
const names = stages.map((stage) => stage.name).join(',');

function chosen(only: string | undefined): readonly Stage[] {
  if (only === undefined) return stages;
  const wanted = only.split(',');
  const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    console.error(`filrouge: no check called ${unknown.join(', ')}. Name some of: ${names}.`);
    process.exit(2);
  }
  return stages.filter((stage) => wanted.includes(stage.name));
}

/** Below its floor a guard saw less than the house holds: it is blind, whatever it says. */
function verdict(stage: Stage, result: StageResult, narrowed: boolean): 'green' | 'red' {
  if (!result.ok) return 'red';
  return narrowed || result.count >= stage.floor ? 'green' : 'red';
}

async function run(chosenStages: readonly Stage[], filters: readonly string[]): Promise<boolean> {
  let passed = 0;
  let failed = 0;
  for (const stage of chosenStages) {
    const startedAt = performance.now();
    const result = await stage.run(filters);
    const colour = verdict(stage, result, filters.length > 0 && stage.takesFilters);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${colour === 'green' ? 'ok ' : 'RED'} ${stage.name}: ${result.count} ${stage.unit}, ${seconds} s`);
    passed += result.tests?.passed ?? 0;
    failed += result.tests?.failed ?? 0;
    if (colour === 'green') continue;
    if (result.ok)
      console.log(`${stage.name} saw ${result.count} ${stage.unit}, fewer than its floor of ${stage.floor}.`);
    if (result.tests === undefined || result.tests.failed === 0) failed += 1;
    break;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
process.exitCode = (await run(chosen(values.only), positionals)) ? 0 : 1;
