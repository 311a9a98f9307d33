// `npm test`: every check a change must pass, cheapest first, stopping at the first red one.
// The last line on stdout is always `N passed, N failed`, over all tests that ran; a red guard counts as one failure.
import { parseArgs } from 'node:util';
import { deadCode, format, graph, lint, types } from './check/guards.ts';
import type { Stage } from './check/stage.ts';
import { tests } from './check/tests.ts';
import { verdict } from './check/verdict.ts';

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

async function run(chosenStages: readonly Stage[], filters: readonly string[]): Promise<boolean> {
  let passed = 0;
  let failed = 0;
  for (const stage of chosenStages) {
    const startedAt = performance.now();
    const result = await stage.run(filters);
    const { green, line } = verdict(stage, result, filters.length > 0);
    console.log(`${line}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    passed += result.tests?.passed ?? 0;
    failed += green ? 0 : Math.max(result.tests?.failed ?? 0, 1);
    if (!green) break;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
process.exitCode = (await run(chosen(values.only), positionals)) ? 0 : 1;
