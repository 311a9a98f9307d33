import { brandOf } from '../brands.ts';
import type { Decision } from '../decision.ts';
import { Random, streamOf } from '../random.ts';
import { NOTICE_VERSION, NOTICES } from '../retailer-config.ts';
import type { Relation, Shopper } from '../shopper.ts';
import type { World } from '../world.ts';
import { dayOf, isShownTwice, timeOf } from './french.ts';
import type { Fault, UglyFile } from './ugly-file.ts';

export const UGLY_CONSENT_COLUMNS =
  'Code client;Carte;Mail;Finalité;Réponse;Date consentement;Canal;Formulaire;Version';

const CONSENT_STREAM = streamOf('ugly-consent');
/** Shares of the rows, each on rows of its own, `date` on a yes alone; `unproved`: the form was never written down, so a yes is to be confirmed. */
const FAULTS = { status: 0.001, purpose: 0.001, date: 0.002, nobody: 0.001, unproved: 0.15, none: 0.845 } as const;
type What = keyof typeof FAULTS;
const ANSWERS = { given: 'oui', refused: 'non', withdrawn: 'désinscrit' } as const;
const CHANNELS: Readonly<Record<Decision['channel'], string>> = {
  web: 'site web',
  app: 'application',
  store: 'magasin',
  paper: 'papier',
  phone: 'téléphone',
  email: 'mail',
};

/** The register of what persons decided in their account and with their card, a row a purpose; banners are not in it. */
export function writeUglyConsents(world: World, shopper: Shopper, relation: Relation, file: UglyFile): void {
  const random = new Random(world.seed, CONSENT_STREAM, shopper.index, relation.brand === 'aubrac' ? 0 : 1);
  const { account, card } = relation;
  const decided = [
    ...(account?.decisions ?? []).map((decision) => ({
      decision,
      subject: [account?.userId ?? '', '', shopper.email],
    })),
    ...(card?.decisions ?? []).map((decision) => ({ decision, subject: ['', card?.number ?? '', ''] })),
  ];
  for (const { decision, subject } of decided) {
    for (const [purpose, status] of Object.entries(decision.statuses)) {
      writeRow(relation, decision, { subject, purpose, status }, random, file);
    }
  }
}

type Answer = {
  readonly subject: readonly string[];
  readonly purpose: string;
  readonly status: keyof typeof ANSWERS;
};

function writeRow(
  { brand }: Relation,
  { indicatedAt, channel, notice }: Decision,
  { subject, purpose, status }: Answer,
  random: Random,
  file: UglyFile,
): void {
  const wished: What = random.weighted(FAULTS);
  const what = wished === 'date' && status !== 'given' ? 'none' : wished;
  const proved = what !== 'unproved';
  file.write({
    cells: [
      ...(what === 'nobody' ? ['', '', ''] : subject),
      what === 'purpose' ? '??' : purpose === 'email_marketing' ? 'Newsletter' : purpose,
      what === 'status' ? 'peut-être' : ANSWERS[status],
      what === 'date' ? `00/00/2024 ${timeOf(indicatedAt)}` : `${dayOf(indicatedAt)} ${timeOf(indicatedAt)}`,
      CHANNELS[channel],
      proved ? `${brandOf(brand).key}-${NOTICES[notice]}` : '',
      proved ? NOTICE_VERSION : '',
    ],
    fault: faultOf(what),
    notes: isShownTwice(indicatedAt) ? ['clock-showed-this-hour-twice'] : [],
    unseen: what === 'unproved' && status === 'given' ? ['to-be-confirmed'] : [],
  });
  if (faultOf(what) === undefined) file.addItem();
}

function faultOf(what: What): Fault | undefined {
  switch (what) {
    case 'status':
      return { column: 'Réponse', code: 'value-not-allowed' };
    case 'purpose':
      return { column: 'Finalité', code: 'purpose-unreadable' };
    case 'date':
      return { column: 'Date consentement', code: 'time-unreadable' };
    case 'nobody':
      return { column: 'Code client', code: 'no-identifier' };
    case 'unproved':
    case 'none':
      return undefined;
  }
}
