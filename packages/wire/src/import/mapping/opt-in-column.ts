import { normalName } from './normal-name.ts';

const PURPOSES: Readonly<Record<string, string>> = {
  email_marketing:
    'newsletter|inscrit newsletter|abonne newsletter|accepte newsletter|optin newsletter|opt in newsletter|optin email|opt in email|optin mail|opt in mail|email optin|email opt in|accepts email marketing|accepts marketing|accepte emails|is subscribed|consentement email|accord email|accord mail|accord e mail|accepte email|accepte mail|accepte e mail|accepte mailing|prospection email|prospection mail|ok mail|ok email',
  sms_marketing:
    'optin sms|opt in sms|sms optin|sms opt in|accepts sms marketing|accepte sms|consentement sms|accord sms|prospection sms|ok sms',
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

/** What a column of yes and no asks about: a purpose, `unsaid` where the name does not tell which, undefined for any other column. */
export function optInOf(name: string): string | undefined {
  const normal = normalName(name);
  return BY_NAME.get(normal) ?? (OPT_IN.test(normal) ? 'unsaid' : undefined);
}
