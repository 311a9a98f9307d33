import { type CustomerRecord, customersOf } from '../csv.ts';
import { Random, streamOf } from '../random.ts';
import type { Relation, Shopper } from '../shopper.ts';
import type { World } from '../world.ts';
import { brokenEmail, dayOf, dayWritten, isShownTwice, NO_SUCH_DAY, phone, shortened, timeOf } from './french.ts';
import { type Fault, SHIFT, type UglyFile } from './ugly-file.ts';

/** `E-mail` says whether one may write, and the address stands under `Contact`: the wrong column. */
export const UGLY_CUSTOMER_COLUMNS =
  'Code client;N° carte;Civilité;Nom;Prénom;E-mail;Contact;Portable;Adresse;CP;Ville;Pays;Date de naissance;Créé le;Modifié le;Newsletter;Mot de passe;Observations;Magasin';

const CUSTOMER_STREAM = streamOf('ugly-customer');
/** Shares of the rows, each fault on rows of its own. */
const FAULTS = {
  card: 0.003,
  email: 0.004,
  birth: 0.002,
  'short-year': 0.003,
  shifted: 0.004,
  cut: 0.004,
  none: 0.98,
} as const;
const TYPO_SHARE = 0.005;
const REMARK_SHARE = 0.02;
const STREETS = ['rue des Tilleuls', 'allée du Moulin', 'place de l’Église', 'impasse du Four', 'bd des Sœurs-Grises'];

/** The rows of one relation in the customer file. */
export function writeUglyCustomers(world: World, shopper: Shopper, relation: Relation, file: UglyFile): void {
  for (const [rank, record] of customersOf(world, shopper, relation).entries()) {
    const sub = rank * 2 + (relation.brand === 'aubrac' ? 0 : 1);
    writeRow(shopper, relation, record, new Random(world.seed, CUSTOMER_STREAM, shopper.index, sub), file);
  }
}

function writeRow(shopper: Shopper, relation: Relation, record: CustomerRecord, random: Random, file: UglyFile): void {
  const wished = random.weighted(FAULTS);
  const can = wished === 'card' ? record.card !== '' : wished === 'email' ? record.email !== '' : true;
  const what = can ? wished : 'none';
  const typo = random.chance(TYPO_SHARE) && record.email !== '' && what !== 'email';
  const number = record.phone === '' ? undefined : phone(record.phone, random);
  const notes: string[] = [];
  if (number?.eaten === true) notes.push('leading-zero-restored');
  if (shopper.postalCode.startsWith('0')) notes.push('leading-zero-restored');
  for (const at of [record.createdAt, record.updatedAt]) {
    if (isShownTwice(at)) notes.push('clock-showed-this-hour-twice');
  }
  const birth = dayWritten(shopper.birthDate);
  const remark = random.chance(REMARK_SHARE) ? 'Rappeler le matin\nCliente "fidèle" ; étage 3' : '';
  const street = `${random.between(1, 120)} ${random.pick(STREETS)}`;
  file.write({
    cells: [
      record.customerId,
      what === 'card' ? shortened(record.card) : record.card,
      random.pick(['Mme', 'M.', '']),
      random.chance(0.5) ? shopper.lastName.toUpperCase() : shopper.lastName,
      shopper.firstName,
      record.email === '' ? '' : random.pick(['oui', 'non']),
      emailOf(record.email, what === 'email', typo, random),
      number?.text ?? '',
      what === 'shifted' ? `${street}${SHIFT}bât. B` : street,
      shopper.postalCode.replace(/^0+/, ''),
      shopper.city,
      random.pick(['France', 'FR', '']),
      what === 'birth' ? NO_SUCH_DAY : what === 'short-year' ? `${birth.slice(0, 6)}${birth.slice(8)}` : birth,
      `${dayOf(record.createdAt)} ${timeOf(record.createdAt)}`,
      `${dayOf(record.updatedAt)} ${timeOf(record.updatedAt)}`,
      random.pick(['oui', 'non', '']),
      relation.account === undefined ? '' : `$2y$10$${random.uint32().toString(36)}${random.uint32().toString(36)}`,
      remark,
      relation.homeStore.id,
    ],
    fault: faultOf(what),
    notes,
    unseen: typo ? ['email-typo'] : [],
    ...(what === 'cut' ? { cut: 9 } : {}),
  });
  if (faultOf(what) === undefined) file.addItem();
}

function emailOf(email: string, isBroken: boolean, typo: boolean, random: Random): string {
  if (email === '') return '';
  if (isBroken) return brokenEmail(email, random);
  const written = random.chance(0.1) ? email.toUpperCase() : email;
  // The first two letters the wrong way round: the address of nobody, or with the same letter twice its own.
  return typo ? `${written.slice(1, 2)}${written.slice(0, 1)}${written.slice(2)}` : written;
}

function faultOf(what: keyof typeof FAULTS): Fault | undefined {
  switch (what) {
    case 'card':
      return { column: 'N° carte', code: 'scientific-notation' };
    case 'email':
      return { column: 'Contact', code: 'email-unreadable' };
    case 'birth':
      return { column: 'Date de naissance', code: 'no-such-day' };
    case 'short-year':
      return { column: 'Date de naissance', code: 'year-too-short' };
    case 'shifted':
      return { column: '', code: 'row-too-long' };
    case 'cut':
      return { column: '', code: 'row-too-short' };
    case 'none':
      return undefined;
  }
}
