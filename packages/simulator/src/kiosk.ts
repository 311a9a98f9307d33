import { DAY_MS, HOUR_MS } from '@filrouge/domain/base';
import type { Decision } from './decision.ts';
import { Random, streamOf } from './random.ts';
import { type Terminal, terminalOf } from './shopper.ts';
import type { SimulatedStore } from './stores.ts';
import type { World } from './world.ts';

const KIOSK_STREAM = streamOf('kiosk');
const RENEWAL_DAYS = 150;
const EVER = 8.64e15;

/**
 * The tablet of a shop: one anonymous id for all who pick it up. The retailer itself is the user of this terminal and
 * accepts the audience measurement on it, at installation and every 150 days; nothing else was ever asked there.
 */
export function kioskTerminal(world: World, store: SimulatedStore): Terminal {
  const known = made.get(store.id);
  if (known?.world === world) return known.terminal;
  const random = new Random(world.seed, KIOSK_STREAM, numberOf(store));
  const terminal = terminalOf(random, 'kiosk', 'kiosk', random.between(-90_000, 90_000), 'audience', [-EVER, EVER]);
  for (let at = world.start + HOUR_MS; at < world.until; at += RENEWAL_DAYS * DAY_MS) {
    const indicatedAt = at + numberOf(store) * 60_000;
    terminal.decisions.push(decisionAt(indicatedAt, terminal.decisions.length + 1));
  }
  made.set(store.id, { world, terminal });
  return terminal;
}

const made = new Map<string, { readonly world: World; readonly terminal: Terminal }>();

function decisionAt(indicatedAt: number, sequence: number): Decision {
  return {
    indicatedAt,
    arrivedAt: indicatedAt + 300,
    statuses: { audience_measurement: 'given' },
    role: 'kiosk',
    channel: 'app',
    notice: 'device',
    sequence,
  };
}

function numberOf(store: SimulatedStore): number {
  return Number(store.id.slice(2)) + (store.brand === 'aubrac' ? 0 : 50);
}
