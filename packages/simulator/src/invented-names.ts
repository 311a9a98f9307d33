import type { Random } from './random.ts';

/** Names made of syllables, so that no real person is meant; any likeness is chance. */
const FIRST_STARTS = [
  'Al',
  'Bre',
  'Ca',
  'Do',
  'Eli',
  'Fa',
  'Gwe',
  'Ila',
  'Jo',
  'Ka',
  'Lu',
  'Mae',
  'No',
  'Oré',
  'Pa',
  'Ro',
  'Sé',
  'Ti',
];
const FIRST_ENDS = ['ban', 'dine', 'fro', 'lisse', 'mael', 'nor', 'rane', 'sia', 'tève', 'vik', 'zane'];
const LAST_STARTS = [
  'Ar',
  'Bou',
  'Cha',
  'Dro',
  'Es',
  'Fau',
  'Gri',
  'Ker',
  'Lan',
  'Mou',
  'Pel',
  'Qui',
  'Rav',
  'Sor',
  'Tré',
  'Val',
];
const LAST_MIDDLES = ['ba', 'cho', 'de', 'fi', 'la', 'mi', 'no', 'ri', 'so', 'ta'];
const LAST_ENDS = ['dec', 'gnol', 'lard', 'mont', 'nier', 'quet', 'ret', 'val', 'zac', "t'Or"];

export function inventFirstName(random: Random): string {
  return random.pick(FIRST_STARTS) + random.pick(FIRST_ENDS);
}

export function inventLastName(random: Random): string {
  return random.pick(LAST_STARTS) + random.pick(LAST_MIDDLES) + random.pick(LAST_ENDS);
}

/** `brendine.moubaret.3f@example.com`: unique by the shopper's number, in a domain that cannot exist. */
export function inventEmail(random: Random, first: string, last: string, index: number): string {
  const domain = random.chance(0.7) ? 'example.com' : random.pick(['courriel.example', 'poste.example']);
  return `${plain(first)}.${plain(last)}.${index.toString(36)}@${domain}`;
}

function plain(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
}

/** The blocks that ARCEP keeps for fiction (decision 2018-0881), 10,000 numbers each. */
const FICTION_BLOCKS = ['63998', '19900', '26191', '35301', '46571', '53649'] as const;
const BLOCK_SIZE = 10_000;
export const PHONES_MAX = FICTION_BLOCKS.length * BLOCK_SIZE;

/** A telephone number of fiction, E.164, unique by number; undefined once the blocks are used up. */
export function fictionPhone(index: number): string | undefined {
  const block = FICTION_BLOCKS[Math.floor(index / BLOCK_SIZE)];
  // 7919 is prime to 10,000: a permutation, so that neighbours do not have neighbouring numbers.
  return block === undefined ? undefined : `+33${block}${String((index * 7919) % BLOCK_SIZE).padStart(4, '0')}`;
}
