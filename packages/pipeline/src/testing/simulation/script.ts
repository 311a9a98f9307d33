import { type Instant, instant } from '@filrouge/domain/base';
import type { FactStatus, Purpose } from '@filrouge/domain/consent';
import type { Source } from '@filrouge/domain/deployment';
import type { ItemKind } from '@filrouge/domain/event';
import { AM, APP, ATELIER_SERVER, EM, PRO, SERVER, SM, TILL, WEB } from '../example-deployment.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Something that somebody does, or that befalls a process. */
export type Act =
  | { readonly do: 'send'; readonly source: Source; readonly items: readonly ScriptedItem[] }
  | {
      readonly do: 'decide';
      readonly source: Source;
      readonly who: string;
      /** Whether the key may speak for it (S6, S11). */
      readonly own: boolean;
      readonly status: FactStatus;
      readonly purpose: Purpose;
    }
  | { readonly do: 'separate'; readonly a: string; readonly b: string }
  | { readonly do: 'erase'; readonly who: string }
  | { readonly do: 'look'; readonly who: string; readonly purpose: Purpose }
  | { readonly do: 'export'; readonly purpose: Purpose }
  | { readonly do: 'kill'; readonly role: 'door' | 'projector'; readonly which: number }
  | { readonly do: 'lose the lease' }
  | { readonly do: 'replay' };

/** Acts follow each other, each after a pause. Unit: ms. */
export type Command = { readonly pause: number; readonly act: Act };

export type ScriptedItem = {
  readonly kind: ItemKind;
  readonly names: readonly string[];
  readonly messageId: string;
  /** Before the moment of sending; undefined: the client states no time. Unit: ms. */
  readonly age: number | undefined;
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
const DECIDED: readonly Purpose[] = [PRO, SM, EM];
export const START: Instant = instant(Date.UTC(2026, 10, 20, 12));

const CALLERS = 4;
const ACTS_EACH = 5;
const LOOKS = 10;
const BLOWS_MAX = 6;

/** The life of one seed: what callers say, what readers ask, and what befalls the processes. */
export function scriptOf(random: SeededRandom): readonly (readonly Command[])[] {
  let made = 0;
  const callers = Array.from({ length: CALLERS }, () =>
    Array.from({ length: ACTS_EACH }, (): Command => {
      made += 1;
      // It begins with a yes: where nobody agreed to anything there is little to see.
      const act = made === 1 ? agreeing(random) : saying(random, `m${made}`);
      return { pause: random.below(random.chance(0.5) ? 300 : 30_000), act };
    }),
  );
  const looks = Array.from({ length: LOOKS }, (): Command => ({ pause: random.below(15_000), act: looking(random) }));
  const blows = Array.from(
    { length: random.below(BLOWS_MAX + 1) },
    (): Command => ({ pause: random.below(30_000), act: striking(random) }),
  );
  return [...callers, looks, blows];
}

function agreeing(random: SeededRandom): Act {
  return {
    do: 'decide',
    source: SERVER,
    who: 'user_id:u1',
    own: true,
    status: 'given',
    purpose: random.pick([PRO, SM]),
  };
}

function saying(random: SeededRandom, id: string): Act {
  const roll = random.next();
  if (roll < 0.55) return sending(random, id);
  if (roll < 0.92) return deciding(random);
  if (roll < 0.97)
    return { do: 'separate', a: 'user_id:u1', b: random.pick(['loyalty_card:c1', 'email:e1@example.com']) };
  return { do: 'erase', who: GUEST };
}

function looking(random: SeededRandom): Act {
  const purpose = random.pick(DECIDED);
  return random.chance(0.3) ? { do: 'export', purpose } : { do: 'look', who: random.pick(LOOKED_AT), purpose };
}

function striking(random: SeededRandom): Act {
  const roll = random.next();
  if (roll < 0.15) return { do: 'lose the lease' };
  if (roll < 0.3) return { do: 'replay' };
  return { do: 'kill', role: roll < 0.65 ? 'door' : 'projector', which: random.below(2) };
}

const SAID: readonly (readonly [Source, readonly ItemKind[]])[] = [
  [WEB, ['page', 'identify', 'track']],
  [APP, ['screen']],
  [SERVER, ['customer', 'track', 'identify']],
  [SERVER, ['customer', 'order']],
  [TILL, ['ticket']],
  [ATELIER_SERVER, ['track']],
];

function sending(random: SeededRandom, id: string): Act {
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
  const status = random.pick<FactStatus>(['given', 'given', 'refused', 'withdrawn']);
  // A page speaks for its terminal; of an address it only names, its yes is a request.
  if (random.chance(0.25)) {
    const who = random.pick(PAGES_SPEAK_OF);
    return { do: 'decide', source: WEB, who, own: isTerminal(who), status, purpose: random.pick([AM, SM, EM]) };
  }
  const who = random.pick(DECIDING);
  return { do: 'decide', source: SERVER, who, own: true, status, purpose: random.pick(DECIDED) };
}
