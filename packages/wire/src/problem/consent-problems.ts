import { problem } from './problem-text.ts';

/** Consent records that the ledger does not take; the codes are those of `judgeSubmission` in domain/consent. */
export const CONSENT_PROBLEMS = {
  'channel-not-allowed': problem(
    'forbidden',
    [
      'This key cannot have witnessed a decision of that channel.',
      'Use the key of a source that did, or a server key.',
    ],
    [
      'Cette clé n’a pu assister à une décision de ce canal.',
      'Utilisez la clé d’une source qui y a assisté, ou une clé serveur.',
    ],
  ),
  'identity-token-refused': problem(
    'forbidden',
    ['The identity token proves nothing about this person.', 'Send a valid one, or the decision without it.'],
    ['Le jeton d’identité ne prouve rien de cette personne.', 'Envoyez-en un valide, ou la décision sans jeton.'],
  ),
  'confirmation-unreadable': problem(
    'malformed',
    ['The link is incomplete, or was not made here.', 'Open it from the message again, or ask for another one.'],
    ['Le lien est incomplet, ou ne vient pas d’ici.', 'Rouvrez-le depuis le message, ou demandez-en un autre.'],
  ),
  'confirmation-expired': problem(
    'gone',
    ['The link has expired.', 'Ask for another one.'],
    ['Le lien a expiré.', 'Demandez-en un autre.'],
  ),
  'confirmation-overtaken': problem(
    'conflict',
    ['Since the link was made the person said no, or was erased: that holds.', 'Ask the person anew.'],
    ['Depuis ce lien, la personne a dit non ou a été effacée : cela prévaut.', 'Demandez-lui de nouveau.'],
  ),
  'unknown-purpose': problem(
    'malformed',
    ['The purpose is not configured.', 'Name a purpose of the configuration, or declare it there.'],
    ['La finalité n’est pas configurée.', 'Nommez une finalité de la configuration, ou déclarez-la.'],
  ),
  'unknown-notice': problem(
    'malformed',
    [
      'The notice in this version is not configured for the brand.',
      'Declare it: what the person saw must be shown again.',
    ],
    [
      'Cette version de la notice n’est pas configurée pour la marque.',
      'Déclarez-la : ce que la personne a vu doit pouvoir être remontré.',
    ],
  ),
  'purpose-not-in-notice': problem(
    'malformed',
    [
      'The notice does not name this purpose: nobody can have agreed to it there.',
      'Name the purpose in a new version of the notice, and ask in front of that; a no is always taken.',
    ],
    [
      'La notice ne nomme pas cette finalité : personne n’a pu y consentir là.',
      'Nommez la finalité dans une nouvelle version de la notice et demandez devant celle-ci ; un non est toujours pris.',
    ],
  ),
  'reference-missing': problem(
    'malformed',
    ['This basis rests on an order or a contract that is not named.', 'Send its number as "reference".'],
    ['Cette base repose sur une commande ou un contrat non nommé.', 'Envoyez son numéro dans « reference ».'],
  ),
  'basis-not-possible': problem(
    'malformed',
    ['This basis is not possible for the purpose.', 'Leave "basis" out, or name one that the law allows here.'],
    ['Cette base n’est pas possible pour la finalité.', 'Retirez « basis », ou nommez-en une que la loi admet ici.'],
  ),
  'objection-not-possible': problem(
    'malformed',
    ['One cannot object to this purpose.', 'Send refused or withdrawn where consent is asked for.'],
    ['On ne peut s’opposer à cette finalité.', 'Envoyez refused ou withdrawn là où un consentement est demandé.'],
  ),
  'objection-expected': problem(
    'malformed',
    ['This purpose does not rest on consent; a no to it is an objection.', 'Send the status objected.'],
    ['Cette finalité ne repose pas sur le consentement ; y dire non est s’opposer.', 'Envoyez le statut objected.'],
  ),
  'no-subject': problem(
    'malformed',
    ['The decision is nobody’s.', 'Name the person or the device in "subject".'],
    ['La décision n’est à personne.', 'Nommez la personne ou l’appareil dans « subject ».'],
  ),
  'no-decision': problem(
    'malformed',
    ['The record decides nothing.', 'Send at least one decision.'],
    ['L’enregistrement ne décide rien.', 'Envoyez au moins une décision.'],
  ),
  'repeated-decision': problem(
    'malformed',
    ['One purpose is decided twice in one record.', 'Send each purpose and vendor once.'],
    [
      'Une finalité est décidée deux fois dans un enregistrement.',
      'Envoyez chaque finalité et destinataire une seule fois.',
    ],
  ),
  'brand-not-joint': problem(
    'malformed',
    [
      'The brands are in no group of joint controllers.',
      'Declare the group under jointControllers, or record the decision for each brand by itself.',
    ],
    [
      'Les marques ne forment aucun groupe de responsables conjoints.',
      'Déclarez le groupe sous jointControllers, ou enregistrez la décision pour chaque marque.',
    ],
  ),
  'brand-not-in-notice': problem(
    'malformed',
    ['The notice does not speak for this brand.', 'Show a version of it whose "brands" name the brand.'],
    ['La notice ne parle pas pour cette marque.', 'Montrez-en une version dont « brands » nomme la marque.'],
  ),
  'no-shared-subject': problem(
    'malformed',
    ['The other brands cannot recognise this subject.', 'Name a user id or an e-mail address, or leave "brands" out.'],
    [
      'Les autres marques ne peuvent reconnaître cette personne.',
      'Nommez un identifiant de compte ou une adresse e-mail, ou retirez « brands ».',
    ],
  ),
} as const;
