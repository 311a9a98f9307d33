import type { Flow } from '../api/flow.ts';
import { count, duration, type Language } from '../words/figures.ts';

/** Where the books of the demo stand at a moment. */
export type DemoStand = { readonly flow: Flow; readonly persons: number; readonly perSecond: number };

const COLUMN_WIDTH = 12;

/** What the demo says, in one language. */
export type DemoWords = {
  readonly begins: (shoppers: number, days: number, seed: number) => string;
  readonly resumes: (shoppers: number) => string;
  readonly goesOn: string;
  readonly up: (ms: number) => string;
  readonly consents: string;
  readonly customers: (rows: number, ms: number) => string;
  readonly calls: string;
  readonly tickets: (rows: number, refused: number, ms: number) => string;
  readonly recorded: (decisions: number, perSecond: number) => string;
  /** What the figures of `standLine` are, above them. */
  readonly standHead: string;
  readonly ropo: (brand: string, sentence: string) => string;
  readonly live: string;
  readonly took: (ms: number) => string;
  readonly signIn: (email: string, password: string, token: string) => readonly string[];
  readonly ready: (toTry: readonly string[]) => readonly string[];
  readonly stops: string;
};

const ENGLISH: DemoWords = {
  begins: (shoppers, days, seed) =>
    `A simulated retailer: 2 brands, 40 shops, ${count(shoppers)} shoppers, ${days} days of history (seed ${seed})`,
  resumes: (shoppers) => `The retailer of this directory: ${count(shoppers)} shoppers; its history is in already`,
  goesOn: 'An earlier demo was interrupted here: its history is sent again, what is in already is recognised',
  up: (ms) => `Engines and server are up (${duration(ms)})`,
  consents: 'Consents of the former register, by the server key:',
  customers: (rows, ms) => `Customer files imported: ${count(rows)} rows (${duration(ms)})`,
  calls: 'Calls of sites, apps, servers and tablets:',
  tickets: (rows, refused, ms) =>
    `Till receipts imported: ${count(rows)} rows, ${count(refused)} of them refused (${duration(ms)})`,
  recorded: (decisions, perSecond) => `  ${count(decisions)} recorded so far, ${count(perSecond)} a second`,
  standHead: standRow(['so far:', 'accepted', 'withheld', 'quarantined', 'refused', 'persons', 'a second']),
  ropo: (brand, sentence) => `ROPO of ${brand}, 7 days. ${sentence}`,
  live: 'Live traffic begins',
  took: (ms) => `All of it in ${duration(ms)}`,
  signIn: (email, password, token) => [
    `Administrator ${email}, password ${password} (POST /api/session gives a token of an hour for them)`,
    `API token ${token}`,
  ],
  ready: (toTry) => ['To try in another terminal:', ...toTry.map((line) => `  ${line}`), 'Ctrl-C stops the demo'],
  stops: 'Stopping',
};

const FRENCH: DemoWords = {
  begins: (shoppers, days, seed) =>
    `Un commerçant simulé\u202f: 2 marques, 40 magasins, ${count(shoppers, 'fr')} clients, ${days} jours d’historique (graine ${seed})`,
  resumes: (shoppers) =>
    `Le commerçant de ce répertoire\u202f: ${count(shoppers, 'fr')} clients\u202f; son historique est déjà là`,
  goesOn: 'Une démonstration a été interrompue ici\u202f: son historique est renvoyé, ce qui est déjà là est reconnu',
  up: (ms) => `Moteurs et serveur sont prêts (${duration(ms)})`,
  consents: 'Consentements de l’ancien registre, par la clé du serveur\u202f:',
  customers: (rows, ms) => `Fichiers clients importés\u202f: ${count(rows, 'fr')} lignes (${duration(ms)})`,
  calls: 'Appels des sites, applications, serveurs et tablettes\u202f:',
  tickets: (rows, refused, ms) =>
    `Tickets de caisse importés\u202f: ${count(rows, 'fr')} lignes, dont ${count(refused, 'fr')} refusées (${duration(ms)})`,
  recorded: (decisions, perSecond) =>
    `  ${count(decisions, 'fr')} enregistrés jusqu’ici, ${count(perSecond, 'fr')} par seconde`,
  standHead: standRow(['jusqu’ici\u202f:', 'acceptés', 'retenus', 'quarantaine', 'refusés', 'personnes', 'par s']),
  ropo: (brand, sentence) => `ROPO de ${brand}, 7 jours. ${sentence}`,
  live: 'Le trafic commence',
  took: (ms) => `Le tout en ${duration(ms)}`,
  signIn: (email, password, token) => [
    `Administrateur ${email}, mot de passe ${password} (POST /api/session les échange contre un jeton d’une heure)`,
    `Jeton d’API ${token}`,
  ],
  ready: (toTry) => [
    'À essayer dans un autre terminal\u202f:',
    ...toTry.map((line) => `  ${line}`),
    'Ctrl-C arrête la démonstration',
  ],
  stops: 'Arrêt',
};

/** Where the books stand, under `standHead`: sums from the beginning, and the rate since the line before. */
export function standLine({ flow, persons, perSecond }: DemoStand, language: Language): string {
  const figures = [flow.accepted, flow.withheld, flow.quarantined, flow.refused, persons];
  return standRow([
    '',
    ...figures.map((figure) => count(figure, language)),
    perSecond > 0 ? count(perSecond, language) : '',
  ]);
}

function standRow(cells: readonly string[]): string {
  return `  ${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join('')}`.trimEnd();
}

export function demoWords(language: Language): DemoWords {
  return language === 'fr' ? FRENCH : ENGLISH;
}
