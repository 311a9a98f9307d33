import { normalName } from './normal-name.ts';
import { type Repaired, repaired } from './repaired.ts';

type Words = Readonly<Record<string, string>>;

/** Word of ours -> what stands for it elsewhere, in French and English. */
function wordsOf(table: Readonly<Record<string, string>>): Words {
  return Object.fromEntries(
    Object.entries(table).flatMap(([ours, theirs]) =>
      [ours, ...theirs.split('|')].map((word) => [normalName(word), ours]),
    ),
  );
}

const RECEIPT_TYPES = wordsOf({
  sale: 'vente|v|ticket|facture|achat|sales|encaissement|purchase',
  refund: 'retour|remboursement|avoir|r|return|refunded|rembourse',
  cancellation: 'annulation|annule|annulee|cancelled|canceled|void|a',
});

const CONSENT_STATUSES = wordsOf({
  given: 'oui|yes|y|o|true|vrai|1|accepte|acceptee|opt in|optin|inscrit|subscribed|accepted|granted|consenti|donne',
  refused: 'non|no|n|false|faux|0|refus|refuse|refusee|opt out|optout|not subscribed|denied|jamais',
  withdrawn: 'retire|retrait|desinscrit|desabonne|unsubscribed|revoked|desinscription|revoque',
  objected: 'opposition|oppose|objection|stop|spam|complained',
});

const COUNTRIES = wordsOf({
  FR: 'france', BE: 'belgique|belgium|belgie', CH: 'suisse|switzerland|schweiz', LU: 'luxembourg', DE: 'allemagne|germany|deutschland',
  ES: 'espagne|spain|espana', IT: 'italie|italy|italia', PT: 'portugal', NL: 'pays bas|netherlands|the netherlands|nederland',
  GB: 'royaume uni|united kingdom|uk|grande bretagne|angleterre|england', IE: 'irlande|ireland', AT: 'autriche|austria',
  US: 'etats unis|united states|usa|united states of america', CA: 'canada', MC: 'monaco', PL: 'pologne|poland',
  DK: 'danemark|denmark', SE: 'suede|sweden', RE: 'la reunion|reunion', GP: 'guadeloupe', MQ: 'martinique', GF: 'guyane',
}); // biome-ignore format: a table

const TABLES = { 'receipt-type': RECEIPT_TYPES, 'consent-status': CONSENT_STATUSES, country: COUNTRIES } as const;
export type WordTable = keyof typeof TABLES;

/** A word in French or English -> ours. One that is in no table stands as it is: the reader of the row judges it. */
export function repairWord(text: string, table: WordTable): Repaired {
  return repaired(TABLES[table][normalName(text)] ?? text);
}

/** Whether a word is in the table. */
export function isKnownWord(text: string, table: WordTable): boolean {
  return Object.hasOwn(TABLES[table], normalName(text));
}
