import { parseArgs } from 'node:util';
import type { RetailerPart } from './retailer-part.ts';
import { DAYS_DEFAULT } from './world.ts';
import { writeRetailer } from './write-retailer.ts';

const USAGE = `node packages/simulator/src/main.ts --out DIR [--shoppers 1000] [--seed 1] [--days ${DAYS_DEFAULT}]
  [--until 2026-11-16T00:00:00+01:00] [--parts calls,consents,tickets,customers,products,stores,campaigns,truth] [--item-truth]
Writes a simulated retailer and its truth (docs/simulator.md).`;

const { values } = parseArgs({
  options: {
    shoppers: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: String(DAYS_DEFAULT) },
    until: { type: 'string' },
    out: { type: 'string' },
    parts: { type: 'string' },
    'item-truth': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || values.out === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const started = performance.now();
  const written = await writeRetailer({
    shoppers: Number(values.shoppers),
    seed: Number(values.seed),
    days: Number(values.days),
    to: values.out,
    itemTruth: values['item-truth'],
    ...(values.until === undefined ? {} : { until: Date.parse(values.until) }),
    ...(values.parts === undefined ? {} : { parts: values.parts.split(',') as RetailerPart[] }),
  });
  const seconds = (performance.now() - started) / 1000;
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stderr.write(
    `${written.items} items in ${seconds.toFixed(1)} s (${Math.round(written.items / seconds)}/s, ${memory} MB) -> ${written.directory}\n`,
  );
}
