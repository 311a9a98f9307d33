import { nameWithoutRemark, normalName } from './normal-name.ts';

const PURPOSES: Readonly<Record<string, string>> = {
  email_marketing:
    'newsletter|inscrit newsletter|abonne newsletter|accepte newsletter|optin newsletter|opt in newsletter|optin email|opt in email|optin mail|opt in mail|email optin|email opt in|accepts email marketing|accepts marketing|accepte emails|is subscribed|consentement email|accord email|accord mail|accord e mail|accepte email|accepte mail|accepte e mail|accepte mailing|prospection email|prospection mail|ok mail|ok email',
  sms_marketing:
    'sms|optin sms|opt in sms|sms optin|sms opt in|accepts sms marketing|accepte sms|consentement sms|accord sms|prospection sms|ok sms',
  phone_marketing:
    'optin telephone|opt in telephone|optin tel|phone optin|phone opt in|accepte appels|accord telephone|accord tel|prospection telephonique',
  partner_sharing:
    'optin partenaires|opt in partenaires|optin partenaire|partenaires|partner optin|partner opt in|offres partenaires|consentement partenaires',
};

const BY_NAME = new Map(
  Object.entries(PURPOSES).flatMap(([purpose, names]) =>
    names.split('|').map((name) => [normalName(name), purpose] as const),
  ),
);
const OPT_IN = /\b(opt ?in|consent|consentement|accepts?|accepte|rgpd|gdpr)\b/;
/** Said of a box of yes and no, these speak of an agreement too; of any other column they need not. */
const AGREEMENT =
  /\b(newsletters?|opt ?ins?|consent\w*|accord|accepts?|accepte\w*|autoris\w*|abonne\w*|inscription|rgpd|gdpr|e ?mailings?|mailings?|sms|offres?|promos?|promotions?|prospection|sollicitation|marketing)\b/;
/** A yes to these would be a no, or no answer at all. */
const REVERSED =
  /\b(refus\w*|stop|opt ?outs?|oppos\w*|desinscri\w*|desabon\w*|unsub\w*|ne|pas|non|no|not|sans|liste rouge|blocked?|bloque)\b/;
const LEFT = /\b(opt ?outs?|desinscri\w*|desabon\w*|unsub\w*|ne pas)\b/;
const COUNTED = /\b(nb|nbre|nombre|numero|count|total|code|id)\b/;
const LIKELY: readonly (readonly [RegExp, string])[] = [
  [/\b(partenaires?|partners?|tiers)\b/, 'partner_sharing'],
  [/\bsms\b/, 'sms_marketing'],
  [/\b(telephone|tel|phone|appels?)\b/, 'phone_marketing'],
  [/\b(newsletters?|e ?mailings?|e ?mails?|mails?|mailings?)\b/, 'email_marketing'],
];

/** What a column of yes and no asks about: a purpose, `unsaid` where the name does not tell which, undefined for any other column. */
export function optInOf(name: string): string | undefined {
  const normal = normalName(name);
  return purposeByName(name) ?? (OPT_IN.test(normal) ? 'unsaid' : undefined);
}

/** A purpose by the words that boxes of yes and no stand under; undefined for any other name. */
export function purposeByName(name: string): string | undefined {
  const plain = BY_NAME.get(normalName(name));
  return plain ?? (isReversed(name) ? undefined : BY_NAME.get(nameWithoutRemark(name) ?? ''));
}

/**
 * The same of a column that holds hardly anything but yes and no, whose name needs to say less. `unsaid` where it speaks of
 * two purposes or of none, and where its yes may mean a no.
 */
export function boxOf(name: string): string | undefined {
  const named = optInOf(name);
  if (named !== undefined && named !== 'unsaid') return named;
  const normal = nameWithoutRemark(name) ?? normalName(name);
  if (COUNTED.test(normal)) return named;
  const reversed = isReversed(name);
  const found = LIKELY.filter(([words]) => words.test(normal)).map(([, purpose]) => purpose);
  if (!AGREEMENT.test(normal) && !LEFT.test(normal) && !(reversed && found.length > 0)) return named;
  const [only] = found;
  return !reversed && found.length === 1 && only !== undefined ? only : 'unsaid';
}

/** `(oui/non)` says how it is answered, and turns nothing round. */
function isReversed(name: string): boolean {
  const words = normalName(name).split(' ');
  const legend = words.some((word) => ['oui', 'yes', 'o', 'y'].includes(word));
  return REVERSED.test(words.filter((word) => !legend || !['non', 'no', 'not'].includes(word)).join(' '));
}
