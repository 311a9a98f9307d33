// `npm run sim -- --seed N [--to M] [--trace] [--bug NAME]`: plays simulated lives of the pipeline and says what broke.
import { parseArgs } from 'node:util';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { simulate } from './simulate.ts';

const USAGE = `npm run sim -- [--seed 1] [--to SEED] [--trace] [--bug NAME]

Plays the life of each seed and checks what must hold in every life. Exit code 1 if something did not.
  --trace  tells every call to an engine with its time in ms
  --bug    with a mistake planted: ${PLANTED_BUGS.join('; ')}`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    to: { type: 'string' },
    trace: { type: 'boolean', default: false },
    bug: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const [from, to] = [Number(values.seed), Number(values.to ?? values.seed)];
  const bug = PLANTED_BUGS.find((known) => known === values.bug);
  const isRange = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to;
  if (values.help || !isRange || bug !== values.bug) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  let broken = 0;
  for (let seed = from; seed <= to; seed += 1) {
    const listen = values.trace ? { listen: (line: string): void => console.log(line) } : {};
    const { steps, trace, violations } = await simulate(seed, { ...listen, ...(bug === undefined ? {} : { bug }) });
    for (const violation of violations) console.log(`seed=${seed} step=${steps} invariant=${violation}`);
    if (violations.length > 0) broken += 1;
    else if (from === to) console.log(`seed=${seed} step=${steps} trace=${trace}: everything held`);
  }
  console.log(`${to - from + 1} played, ${broken} broken`);
  return broken === 0 ? 0 : 1;
}

process.exitCode = await main();
