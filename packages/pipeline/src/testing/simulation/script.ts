import { DAY_MS, HOUR_MS, type Instant, instant } from '@filrouge/domain/base';
import type { FactStatus, Purpose } from '@filrouge/domain/consent';
import type { Source } from '@filrouge/domain/deployment';
import type { ItemKind } from '@filrouge/domain/event';
import { AM, APP, ATELIER_SERVER, EM, PRO, SERVER, SM, TILL, WEB } from '../example-deployment.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What somebody says about one purpose. */
export type Saying = { readonly purpose: Purpose; readonly status: FactStatus };

/** Something that somebody does, or that befalls a process. */
export type Act =
  | { readonly do: 'send'; readonly source: Source; readonly items: readonly ScriptedItem[] }
  | {
      readonly do: 'decide';
      readonly source: Source;
      readonly who: string;
      /** Whether the key may speak for it (S6, S11). */
      readonly own: boolean;
      readonly says: readonly Saying[];
    }
  | { readonly do: 'import'; readonly file: ScriptedFile }
  | { readonly do: 'undo'; readonly file: ScriptedFile }
  | { readonly do: 'release' }
  | { readonly do: 'separate'; readonly a: string; readonly b: string }
  | { readonly do: 'erase'; readonly who: string }
  | { readonly do: 'look'; readonly who: string; readonly purpose: Purpose }
  | { readonly do: 'export'; readonly purpose: Purpose }
  | { readonly do: 'kill'; readonly role: 'door' | 'projector'; readonly which: number }
  | { readonly do: 'cut the power' }
  | { readonly do: 'jump the clock'; readonly role: 'door' | 'projector'; readonly which: number; readonly by: number }
  | { readonly do: 'lose the lease' }
  | { readonly do: 'replay' }
  /** A snapshot is taken, and of the journal the days before today go, as far as one stands for them. */
  | { readonly do: 'keep house' };

/** A file that is imported in two requests, and again perhaps: the same rows each time. */
export type ScriptedFile = {
  readonly name: string;
  readonly source: Source;
  readonly items: readonly ScriptedItem[];
  readonly decisions: readonly (Saying & { readonly who: string; readonly at: Instant })[];
};

/** Acts follow each other, each after a pause. Unit: ms. */
export type Command = { readonly pause: number; readonly act: Act };

export type ScriptedItem = {
  readonly kind: ItemKind;
  readonly names: readonly string[];
  readonly messageId: string;
  /** Before the moment of sending; undefined: the client states no time. Unit: ms. */
  readonly age: number | undefined;
  /** What a row of a file states. */
  readonly at?: Instant;
  readonly session?: 'login' | 'logout';
};

// Few, so that whatever can meet does.
const USERS = ['user_id:u1', 'user_id:u2'];
const OTHERS = ['loyalty_card:c1', 'email:e1@example.com', 'email:e2@example.com'];
const TERMINALS = ['anonymous_id:a1', 'anonymous_id:a2'];
/** A visitor who never comes by the key of a server, so that nothing gives it back after its erasure. */
const GUEST = 'anonymous_id:a3';
/** Mostly one person, so that the same is asked again after something changed. */
const LOOKED_AT = ['user_id:u1', 'user_id:u1', 'user_id:u1', 'loyalty_card:c1', ...TERMINALS];
export const NAMES: readonly string[] = [...USERS, ...OTHERS, ...TERMINALS, GUEST];

/** Purposes that persons decide on, each otherwise than the next: by person; by terminal and person; in a channel. */
export const DECIDED: readonly Purpose[] = [PRO, SM, EM];
export const START: Instant = instant(Date.UTC(2026, 10, 20, 12));
/** From here on a life sees midnight. */
const BEFORE_MIDNIGHT: Instant = instant(Date.UTC(2026, 10, 20, 23, 59, 15));

const CALLERS = 4;
const ACTS_EACH = 5;
const LOOKS = 10;
const BLOWS_MAX = 6;

export type Script = { readonly start: Instant; readonly lives: readonly (readonly Command[])[] };

/** The life of one seed: what callers say, what readers ask, and what befalls the processes. */
export function scriptOf(random: SeededRandom): Script {
  let made = 0;
  const theme = themeOf(random);
  const said: Sent[] = [];
  const callers = Array.from({ length: CALLERS }, () =>
    Array.from({ length: ACTS_EACH }, (): Command => {
      made += 1;
      // It begins with a yes: where nobody agreed to anything there is little to see.
      const act = made === 1 ? agreeing(random) : saying(random, `m${made}`, theme, said);
      return { pause: random.below(random.chance(0.5) ? 300 : 30_000), act };
    }),
  );
  const looks = Array.from({ length: LOOKS }, (): Command => ({ pause: random.below(15_000), act: looking(random) }));
  const blows = Array.from(
    { length: random.below(BLOWS_MAX + 1) },
    (): Command => ({ pause: random.below(30_000), act: striking(random, theme) }),
  );
  return { start: theme.nights ? BEFORE_MIDNIGHT : START, lives: [...callers, looks, blows] };
}

/** What a life is rich in beside what is in all of them: not everything at once, or nothing would be met often. */
type Theme = {
  readonly files: readonly ScriptedFile[];
  readonly quarantine: boolean;
  readonly power: boolean;
  readonly clocks: boolean;
  readonly nights: boolean;
};

function themeOf(random: SeededRandom): Theme {
  // What was said is known again by the day that it states: a life with midnight has no second saying of one id.
  const nights = random.chance(0.3);
  return {
    files: random.chance(0.35) ? ['f1', 'f2'].map((name) => fileOf(random, name)) : [],
    quarantine: !nights && random.chance(0.4),
    power: random.chance(0.3),
    clocks: random.chance(0.15),
    nights,
  };
}

function fileOf(random: SeededRandom, name: string): ScriptedFile {
  const source = random.pick([SERVER, TILL]);
  const kinds: readonly ItemKind[] = source === TILL ? ['ticket'] : ['order', 'customer'];
  const stated = (): Instant => instant(START - 3_600_000 + random.below(3_000_000));
  return {
    name,
    source,
    items: Array.from({ length: 1 + random.below(3) }, (_, row) => ({
      kind: random.pick(kinds),
      names: namesIn(random, source),
      messageId: `${name}-${row}`,
      age: undefined,
      at: stated(),
    })),
    decisions: Array.from({ length: random.below(4) }, () => ({
      who: random.pick(DECIDING),
      purpose: random.pick(DECIDED),
      status: random.pick<FactStatus>(['given', 'refused', 'withdrawn']),
      at: stated(),
    })),
  };
}

function agreeing(random: SeededRandom): Act {
  return {
    do: 'decide',
    source: SERVER,
    who: 'user_id:u1',
    own: true,
    says: [{ status: 'given', purpose: random.pick([PRO, SM]) }],
  };
}

type Sent = Extract<Act, { do: 'send' }>;

function saying(random: SeededRandom, id: string, theme: Theme, said: Sent[]): Act {
  const roll = random.next();
  if (theme.files.length > 0 && roll < 0.3) {
    const file = random.pick(theme.files);
    return random.chance(0.6) ? { do: 'import', file } : { do: 'undo', file };
  }
  if (theme.quarantine && roll > 0.75) {
    return random.chance(0.5) ? { do: 'release' } : quarantinable(random, id, said);
  }
  const other = random.next();
  if (other < 0.55) {
    const sent = sending(random, id);
    said.push(sent);
    return sent;
  }
  if (other < 0.92) return deciding(random);
  if (other < 0.97)
    return { do: 'separate', a: 'user_id:u1', b: random.pick(['loyalty_card:c1', 'email:e1@example.com']) };
  return { do: 'erase', who: GUEST };
}

/** Something too old to be taken as it is, or said under an id that something else was said under. */
function quarantinable(random: SeededRandom, id: string, said: readonly Sent[]): Act {
  const dated = said.flatMap(({ source, items }) =>
    items.flatMap((one) => (one.age === undefined ? [] : [{ source, one: { ...one, age: one.age + 20_000 } }])),
  );
  if (dated.length > 0 && random.chance(0.5)) {
    const { source, one } = random.pick(dated);
    return { do: 'send', source, items: [one] };
  }
  const sent = sending(random, id);
  return { ...sent, items: sent.items.map((one) => ({ ...one, age: 401 * DAY_MS })) };
}

function looking(random: SeededRandom): Act {
  const purpose = random.pick(DECIDED);
  return random.chance(0.3) ? { do: 'export', purpose } : { do: 'look', who: random.pick(LOOKED_AT), purpose };
}

function striking(random: SeededRandom, theme: Theme): Act {
  const roll = random.next();
  const role = random.chance(0.5) ? 'door' : 'projector';
  const which = random.below(2);
  if (theme.power && roll < 0.3) return { do: 'cut the power' };
  if (theme.nights && roll > 0.6) return { do: 'keep house' };
  if (theme.clocks && roll > 0.3 && roll < 0.6) {
    return { do: 'jump the clock', role, which, by: random.pick(JUMPS) };
  }
  const other = random.next();
  if (other < 0.15) return { do: 'lose the lease' };
  if (other < 0.3) return { do: 'replay' };
  return { do: 'kill', role, which };
}

/** Both ways. Unit: ms. */
const JUMPS = [60_000, 2 * HOUR_MS, DAY_MS, -60_000, -2 * HOUR_MS, -DAY_MS];

const SAID: readonly (readonly [Source, readonly ItemKind[]])[] = [
  [WEB, ['page', 'identify', 'track']],
  [APP, ['screen']],
  [SERVER, ['customer', 'track', 'identify']],
  [SERVER, ['customer', 'order']],
  [TILL, ['ticket']],
  [ATELIER_SERVER, ['track']],
];

function sending(random: SeededRandom, id: string): Sent {
  const [source, kinds] = random.pick(SAID);
  const items = Array.from({ length: 1 + random.below(3) }, (_, at): ScriptedItem => {
    const kind = random.pick(kinds);
    const names = namesIn(random, source);
    const isLogin = kind === 'identify' && names.some(isTerminal) && !names.every(isTerminal);
    const age = random.chance(0.3) ? undefined : random.below(20_000);
    return { kind, names, messageId: `${id}-${at}`, age, ...(isLogin ? { session: 'login' } : {}) };
  });
  return { do: 'send', source, items };
}

function namesIn(random: SeededRandom, source: Source): readonly string[] {
  const names: string[] = [];
  if (source.kind === 'web' || source.kind === 'app') {
    names.push(random.pick([...TERMINALS, GUEST]));
    if (random.chance(0.3)) names.push(random.pick(USERS));
    if (random.chance(0.2)) names.push(random.pick(OTHERS));
    return names;
  }
  if (random.chance(0.8)) names.push(random.pick(USERS));
  if (names.length === 0 || random.chance(0.6)) names.push(random.pick(OTHERS));
  if (source.kind === 'server' && random.chance(0.3)) names.push(random.pick(TERMINALS));
  return names;
}

function isTerminal(name: string): boolean {
  return name.startsWith('anonymous_id:');
}

const DECIDING = ['user_id:u1', 'user_id:u1', 'user_id:u2', 'loyalty_card:c1', 'loyalty_card:c1', ...OTHERS];
const PAGES_SPEAK_OF = [...TERMINALS, GUEST, 'email:e1@example.com'];

function deciding(random: SeededRandom): Act {
  // A page speaks for its terminal; of an address it only names, its yes is a request.
  if (random.chance(0.25)) {
    const who = random.pick(PAGES_SPEAK_OF);
    return { do: 'decide', source: WEB, who, own: isTerminal(who), says: sayings(random, [AM, SM, EM]) };
  }
  const who = random.pick(DECIDING);
  // The other brand has customers of the same names.
  const source = random.chance(0.15) ? ATELIER_SERVER : SERVER;
  return { do: 'decide', source, who, own: true, says: sayings(random, DECIDED) };
}

/** Of one purpose mostly, sometimes of two, one of them otherwise than the other. */
function sayings(random: SeededRandom, purposes: readonly Purpose[]): readonly Saying[] {
  const first = random.below(purposes.length);
  const asked = random.chance(0.25) ? [first, (first + 1) % purposes.length] : [first];
  return asked.map((at) => ({
    purpose: purposes[at] as Purpose,
    status: random.pick<FactStatus>(['given', 'given', 'refused', 'withdrawn']),
  }));
}
