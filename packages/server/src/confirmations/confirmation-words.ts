import type { Confirmation } from './confirmation.ts';

export type PageLanguage = 'fr' | 'en';

/** What a page is about; each has a title, and sentences about the brand and the masked address. */
export type PageKind =
  | 'open'
  | 'confirmed'
  | 'already-confirmed'
  | 'overtaken'
  | 'outdated'
  | 'expired'
  | 'unreadable'
  | 'unavailable';

type Told = { readonly brand: string; readonly address: string };
type Words = {
  readonly title: string;
  readonly sentences: (told: Told) => readonly string[];
};

type Language = {
  readonly pages: Readonly<Record<PageKind, Words>>;
  readonly button: string;
  /** Above the purposes, before and after the click. */
  readonly asked: string;
  readonly given: string;
  readonly shown: string;
  readonly contact: (contact: string) => string;
};

const FRENCH: Language = {
  pages: {
    open: {
      title: 'Confirmez votre accord',
      sentences: ({ brand, address }) => [
        `${brand} a reçu une demande pour ${address}.`,
        'Si elle vient de vous, confirmez-la. Sinon, fermez cette page : rien ne sera enregistré.',
      ],
    },
    confirmed: {
      title: 'C’est confirmé',
      sentences: ({ brand, address }) => [
        `Votre accord est enregistré pour ${address}.`,
        `Vous pouvez changer d’avis à tout moment auprès de ${brand}.`,
      ],
    },
    'already-confirmed': {
      title: 'Déjà confirmé',
      sentences: ({ brand, address }) => [
        `Votre accord est déjà enregistré pour ${address}. Il n’y a rien d’autre à faire.`,
        `Vous pouvez changer d’avis à tout moment auprès de ${brand}.`,
      ],
    },
    overtaken: {
      title: 'Ce lien ne vaut plus',
      sentences: ({ brand }) => [
        'Depuis l’envoi de ce lien, un refus, un retrait ou un effacement a été enregistré : c’est lui qui compte.',
        `Si vous avez changé d’avis, refaites une demande auprès de ${brand}.`,
      ],
    },
    outdated: {
      title: 'Ce lien n’est plus à jour',
      sentences: ({ brand }) => [
        'Ce qui vous avait été présenté a changé depuis, et rien n’a été enregistré.',
        `Pour recevoir un autre lien, refaites une demande auprès de ${brand}.`,
      ],
    },
    expired: {
      title: 'Ce lien a expiré',
      sentences: ({ brand }) => [
        'Il valait sept jours. Ce que vous auriez confirmé avant reste enregistré, et rien d’autre ne l’a été.',
        `Pour en recevoir un autre, refaites une demande auprès de ${brand}.`,
      ],
    },
    unreadable: {
      title: 'Ce lien n’est pas valable',
      sentences: () => [
        'Il est incomplet, ou ne vient pas de ce site. Rien n’a été enregistré.',
        'Rouvrez-le depuis le message que vous avez reçu, ou demandez-en un autre.',
      ],
    },
    unavailable: {
      title: 'Un instant, s’il vous plaît',
      sentences: () => [
        'Votre réponse n’a pas pu être enregistrée pour le moment.',
        'Réessayez dans quelques minutes : le lien reste valable.',
      ],
    },
  },
  button: 'Je confirme',
  asked: 'En confirmant, vous acceptez',
  given: 'Vous avez accepté',
  shown: 'Ce qui vous a été présenté',
  contact: (contact) => `Contact : ${contact}`,
};

const ENGLISH: Language = {
  pages: {
    open: {
      title: 'Confirm your choice',
      sentences: ({ brand, address }) => [
        `${brand} has received a request for ${address}.`,
        'If it was yours, confirm it. If not, close this page: nothing will be recorded.',
      ],
    },
    confirmed: {
      title: 'Confirmed',
      sentences: ({ brand, address }) => [
        `Your consent is recorded for ${address}.`,
        `You may change your mind at any time: tell ${brand}.`,
      ],
    },
    'already-confirmed': {
      title: 'Already confirmed',
      sentences: ({ brand, address }) => [
        `Your consent is already recorded for ${address}. There is nothing else to do.`,
        `You may change your mind at any time: tell ${brand}.`,
      ],
    },
    overtaken: {
      title: 'This link no longer counts',
      sentences: ({ brand }) => [
        'Since it was sent, a refusal, a withdrawal or an erasure was recorded, and that holds.',
        `If you have changed your mind, ask ${brand} again.`,
      ],
    },
    outdated: {
      title: 'This link is out of date',
      sentences: ({ brand }) => [
        'What you were shown has changed since, and nothing was recorded.',
        `Ask ${brand} for another link.`,
      ],
    },
    expired: {
      title: 'This link has expired',
      sentences: ({ brand }) => [
        'It held for seven days. What you may have confirmed before stays recorded, and nothing else was.',
        `Ask ${brand} for another one.`,
      ],
    },
    unreadable: {
      title: 'This link is not valid',
      sentences: () => [
        'It is incomplete, or does not come from this site. Nothing was recorded.',
        'Open it from the message again, or ask for another one.',
      ],
    },
    unavailable: {
      title: 'One moment, please',
      sentences: () => [
        'Your answer could not be recorded just now.',
        'Try again in a few minutes: the link still holds.',
      ],
    },
  },
  button: 'I confirm',
  asked: 'By confirming you accept',
  given: 'You have accepted',
  shown: 'What you were shown',
  contact: (contact) => `Contact: ${contact}`,
};

export const WORDS: Readonly<Record<PageLanguage, Language>> = { fr: FRENCH, en: ENGLISH };

/** The purposes of the default configuration as people understand them; a retailer's own are told by its notice. */
const PURPOSES: Readonly<Record<string, Readonly<Record<PageLanguage, string>>>> = {
  audience_measurement: { fr: 'La mesure d’audience', en: 'Audience measurement' },
  personalisation: { fr: 'La personnalisation du site et de l’application', en: 'A personalised site and app' },
  profiling: { fr: 'Des suggestions d’après vos achats et visites', en: 'Suggestions from your purchases and visits' },
  advertising: { fr: 'La publicité sur d’autres sites', en: 'Advertising on other sites' },
  email_marketing: { fr: 'Des offres par e-mail', en: 'Offers by e-mail' },
  sms_marketing: { fr: 'Des offres par SMS', en: 'Offers by text message' },
  push_marketing: { fr: 'Des notifications de l’application', en: 'Notifications of the app' },
  phone_marketing: { fr: 'Des offres par téléphone', en: 'Offers by telephone' },
  postal_marketing: { fr: 'Des offres par courrier', en: 'Offers by post' },
  email_open_tracking: { fr: 'Savoir si vous ouvrez nos e-mails', en: 'Knowing whether you open our e-mails' },
  store_measurement: {
    fr: 'Le lien entre vos visites en ligne et en magasin',
    en: 'Linking your visits online and in store',
  },
  geolocation_approximate: { fr: 'Votre position approximative', en: 'Your approximate location' },
  geolocation_precise: { fr: 'Votre position précise', en: 'Your precise location' },
  partner_sharing: { fr: 'La transmission à des partenaires', en: 'Sharing with partners' },
  loyalty_programme: { fr: 'Le programme de fidélité', en: 'The loyalty programme' },
  receipt_delivery: { fr: 'L’envoi de vos tickets', en: 'Sending you your receipts' },
};

/** A purpose in words. */
export function purposeWords(purpose: string, language: PageLanguage): string {
  return PURPOSES[purpose]?.[language] ?? purpose.replaceAll('_', ' ');
}

/** Enough of an address to recognise one's own, and too little to learn another's. */
export function maskedAddress(subject: Confirmation['subject']): string {
  const address = subject.find(({ namespace }) => namespace === 'email' || namespace === 'phone');
  if (address === undefined) return '•••';
  const { namespace, value } = address;
  if (namespace === 'phone') return `${value.slice(0, 3)} ••• •• ${value.slice(-2)}`;
  const at = value.lastIndexOf('@');
  const dot = value.lastIndexOf('.');
  return `${first(value)}•••@${first(value.slice(at + 1))}•••${dot > at ? value.slice(dot) : ''}`;
}

/** The first character; no half of one. */
function first(text: string): string {
  const point = text.codePointAt(0);
  return point === undefined ? '' : String.fromCodePoint(point);
}
