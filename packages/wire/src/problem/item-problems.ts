import { problem } from './problem-text.ts';

/** Items whose meaning cannot be read. */
export const ITEM_PROBLEMS = {
  'item-not-an-object': problem(
    'malformed',
    ['The item is not a JSON object.', 'Send an object with "type".'],
    ['L’élément n’est pas un objet JSON.', 'Envoyez un objet avec « type ».'],
  ),
  'type-missing': problem(
    'malformed',
    ['The item has no "type".', 'Set type to page, screen, track, identify, alias or group.'],
    ['L’élément n’a pas de « type ».', 'Donnez à type : page, screen, track, identify, alias ou group.'],
  ),
  'type-unknown': problem(
    'malformed',
    [
      'The "type" of the item is not known.',
      'Use page, screen, track, identify, alias, group or a type of store data.',
    ],
    [
      'Le « type » de l’élément est inconnu.',
      'Utilisez page, screen, track, identify, alias, group ou un type de magasin.',
    ],
  ),
  'type-not-allowed': problem(
    'forbidden',
    ['This key may not send items of this type.', 'Use the key of a source that is allowed to, or extend the source.'],
    ['Cette clé ne peut envoyer ce type d’élément.', 'Utilisez la clé d’une source autorisée, ou étendez la source.'],
  ),
  'event-name-missing': problem(
    'malformed',
    ['A track item has no "event".', 'Name the event, for instance "Product Viewed".'],
    ['Un élément track n’a pas de « event ».', 'Nommez l’événement, par exemple « Product Viewed ».'],
  ),
  'event-name-too-long': problem(
    'malformed',
    ['The event name is longer than 256 characters.', 'Shorten it and move details to properties.'],
    ['Le nom d’événement dépasse 256 caractères.', 'Abrégez-le et mettez le détail dans les propriétés.'],
  ),
  'no-identifier': problem(
    'malformed',
    ['The item names neither a person nor a device.', 'Send userId or anonymousId.'],
    ['L’élément ne désigne ni personne ni appareil.', 'Envoyez userId ou anonymousId.'],
  ),
  'identifier-wrong-type': problem(
    'malformed',
    ['An identifier is neither a string nor a whole number.', 'Send identifiers as strings.'],
    ['Un identifiant n’est ni une chaîne ni un entier.', 'Envoyez les identifiants en chaînes.'],
  ),
  'identifier-ill-formed': problem(
    'malformed',
    [
      'An identifier holds characters that no engine can keep apart.',
      'Send it without NUL, lone surrogates or U+FFFD.',
    ],
    ['Un identifiant contient des caractères indistinguables.', 'Envoyez-le sans NUL, demi-codet isolé ni U+FFFD.'],
  ),
  'identifier-too-long': problem(
    'malformed',
    ['An identifier is longer than 256 characters.', 'Send a shorter identifier.'],
    ['Un identifiant dépasse 256 caractères.', 'Envoyez un identifiant plus court.'],
  ),
  'number-not-exact': problem(
    'malformed',
    ['A whole number beyond 2^53 cannot be kept exactly.', 'Send it as a string of digits.'],
    ['Un entier au-delà de 2^53 ne peut être gardé exactement.', 'Envoyez-le en chaîne de chiffres.'],
  ),
  'email-unreadable': problem(
    'malformed',
    ['This is not an e-mail address.', 'Send one address such as name@example.com, without name or comment.'],
    ['Ce n’est pas une adresse électronique.', 'Envoyez une adresse comme nom@example.com, sans nom ni commentaire.'],
  ),
  'phone-unreadable': problem(
    'malformed',
    ['This is not a telephone number.', 'Send it in E.164, for instance +33639981234.'],
    ['Ce n’est pas un numéro de téléphone.', 'Envoyez-le en E.164, par exemple +33639981234.'],
  ),
  'message-id-invalid': problem(
    'malformed',
    ['The messageId is not a string of 1 to 256 characters.', 'Send a unique string under 100 characters.'],
    [
      'Le messageId n’est pas une chaîne de 1 à 256 caractères.',
      'Envoyez une chaîne unique de moins de 100 caractères.',
    ],
  ),
  'time-unreadable': problem(
    'malformed',
    ['The time cannot be read.', 'Send ISO 8601 with offset, for instance 2026-11-21T18:03:00+01:00.'],
    ['La date est illisible.', 'Envoyez de l’ISO 8601 avec décalage, par exemple 2026-11-21T18:03:00+01:00.'],
  ),
  'field-wrong-type': problem(
    'malformed',
    ['The field has another type than expected.', 'Send the type that the detail names.'],
    ['Le champ n’a pas le type attendu.', 'Envoyez le type que le détail indique.'],
  ),
  'field-missing': problem(
    'malformed',
    ['A required field is missing.', 'Add the field at the pointer.'],
    ['Un champ obligatoire manque.', 'Ajoutez le champ désigné.'],
  ),
  'value-not-allowed': problem(
    'malformed',
    ['The value is none of those allowed.', 'Use one that the detail allows.'],
    ['La valeur ne fait pas partie des valeurs admises.', 'Prenez-en une que le détail admet.'],
  ),
  'currency-unknown': problem(
    'malformed',
    ['The currency is missing or unknown.', 'Send an ISO 4217 code such as EUR.'],
    ['La devise manque ou est inconnue.', 'Envoyez un code ISO 4217 comme EUR.'],
  ),
  'amount-unreadable': problem(
    'malformed',
    ['The amount is not a decimal number.', 'Send digits with a decimal point, for instance 12.50.'],
    ['Le montant n’est pas un nombre décimal.', 'Envoyez des chiffres avec un point décimal, par exemple 12.50.'],
  ),
  'sale-negative': problem(
    'malformed',
    [
      'A sale with a negative total is none.',
      'Write what was brought back as a receipt of type refund (a file may leave the type empty), or mend the total.',
    ],
    [
      'Une vente au total négatif n’en est pas une.',
      'Notez un retour comme un ticket de type refund (un fichier peut laisser le type vide), ou corrigez le total.',
    ],
  ),
  'amount-too-precise': problem(
    'malformed',
    ['The amount has more decimals than its currency.', 'Round it at the source, for instance 12.35 EUR.'],
    ['Le montant a plus de décimales que sa devise.', 'Arrondissez-le à la source, par exemple 12.35 EUR.'],
  ),
  'quantity-unreadable': problem(
    'malformed',
    [
      'The quantity is not a number with at most three decimals.',
      'Send pieces as whole numbers, goods by weight in kilograms.',
    ],
    [
      'La quantité n’est pas un nombre à trois décimales au plus.',
      'Envoyez des pièces entières, le vrac en kilogrammes.',
    ],
  ),
  'consent-not-here': problem(
    'malformed',
    ['Consent decisions are not events.', 'Send them to POST /v1/consents.'],
    ['Les décisions de consentement ne sont pas des événements.', 'Envoyez-les à POST /v1/consents.'],
  ),
  'purpose-unreadable': problem(
    'malformed',
    ['This is not the name of a purpose.', 'Use lower-case words joined by underscores, for instance email_marketing.'],
    [
      'Ce n’est pas le nom d’une finalité.',
      'Utilisez des minuscules jointes par des soulignés, par exemple email_marketing.',
    ],
  ),
} as const;
