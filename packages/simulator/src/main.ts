import { getSystemErrorMessage, parseArgs } from 'node:util';
import { FILE_FORMS } from './retailer-form.ts';
import { RETAILER_PARTS } from './retailer-part.ts';
import { DAYS_DEFAULT } from './world.ts';
import { writeRetailer } from './write-retailer.ts';

const USAGE = `node packages/simulator/src/main.ts --out DIR [--shoppers 1000] [--seed 1] [--days ${DAYS_DEFAULT}]
  [--until 2026-11-16T00:00:00+01:00] [--files clean|ugly] [--item-truth]
  [--parts ${RETAILER_PARTS.join(',')}]
Writes a simulated retailer and its truth (docs/simulator.md).`;

const { values } = parseArgs({
  options: {
    shoppers: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: String(DAYS_DEFAULT) },
    until: { type: 'string' },
    out: { type: 'string' },
    parts: { type: 'string' },
    files: { type: 'string', default: 'clean' },
    'item-truth': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const form = FILE_FORMS.find((each) => each === values.files);
const parts = values.parts?.split(',').map((name) => RETAILER_PARTS.find((part) => part === name));

if (values.help || values.out === undefined || form === undefined || parts?.includes(undefined) === true) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const started = performance.now();
  const written = await writing({
    shoppers: Number(values.shoppers),
    seed: Number(values.seed),
    days: Number(values.days),
    to: values.out,
    itemTruth: values['item-truth'],
    ...(values.until === undefined ? {} : { until: Date.parse(values.until) }),
    files: form,
    ...(parts === undefined ? {} : { parts: parts.filter((part) => part !== undefined) }),
  });
  const seconds = (performance.now() - started) / 1000;
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stderr.write(
    // The tables of a file are not made of calls: what they hold is rows.
    `${written.lines} lines in ${written.files.length} files, ${written.items} calls in ${seconds.toFixed(1)} s (${memory} MB) -> ${written.directory}\n`,
  );
}

/** What the file system refuses is said in a sentence; anything else is a fault of the simulator. */
async function writing(settings: Parameters<typeof writeRetailer>[0]): ReturnType<typeof writeRetailer> {
  try {
    return await writeRetailer(settings);
  } catch (fault) {
    const { path, errno } = fault as NodeJS.ErrnoException;
    if (path === undefined || errno === undefined) throw fault;
    process.stderr.write(
      `simulate: ${path} cannot be written: ${getSystemErrorMessage(errno)}. Name another directory with --out.\n`,
    );
    process.exit(1);
  }
}
