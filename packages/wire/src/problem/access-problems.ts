import { problem } from './problem-text.ts';

/** Requests that may not be made, or not now. */
export const ACCESS_PROBLEMS = {
  'write-key-missing': problem(
    'unauthenticated',
    ['The request carries no write key.', 'Send it as Basic user name, X-Write-Key or "writeKey" in the body.'],
    [
      'La requête ne porte pas de clé d’écriture.',
      'Envoyez-la en nom d’utilisateur Basic, X-Write-Key ou « writeKey ».',
    ],
  ),
  'write-key-unknown': problem(
    'unauthenticated',
    ['The write key is not known.', 'Check the key of the source.'],
    ['La clé d’écriture est inconnue.', 'Vérifiez la clé de la source.'],
  ),
  'key-of-other-source': problem(
    'forbidden',
    [
      'The key belongs to another source than the one that is named.',
      'Name the source of the key, or use a key of that one.',
    ],
    [
      'La clé appartient à une autre source que celle nommée.',
      'Nommez la source de la clé, ou utilisez une clé de celle-ci.',
    ],
  ),
  'source-disabled': problem(
    'not-found',
    ['The source is switched off.', 'Enable the source in the configuration.'],
    ['La source est désactivée.', 'Activez la source dans la configuration.'],
  ),
  'origin-not-allowed': problem(
    'forbidden',
    ['This origin may not send with this key.', 'Add the origin to the source.'],
    ['Cette origine ne peut envoyer avec cette clé.', 'Ajoutez l’origine à la source.'],
  ),
  'subject-not-allowed': problem(
    'forbidden',
    ['This key may not speak for that person.', 'A web key speaks for its own anonymousId only.'],
    ['Cette clé ne peut parler pour cette personne.', 'Une clé web ne parle que pour son propre anonymousId.'],
  ),
  'brand-not-allowed': problem(
    'forbidden',
    ['The credential belongs to another brand.', 'Use a credential of that brand.'],
    ['L’identifiant d’accès appartient à une autre marque.', 'Utilisez un accès de cette marque.'],
  ),
  'token-missing': problem(
    'unauthenticated',
    ['The request carries no API token.', 'Send Authorization: Bearer with a token.'],
    ['La requête ne porte pas de jeton d’API.', 'Envoyez Authorization: Bearer avec un jeton.'],
  ),
  'token-unknown': problem(
    'unauthenticated',
    ['The API token is not known or has expired.', 'Create a new token.'],
    ['Le jeton d’API est inconnu ou expiré.', 'Créez un nouveau jeton.'],
  ),
  'scope-missing': problem(
    'forbidden',
    ['The token lacks the scope for this.', 'Create a token with the scope that the detail names.'],
    ['Le jeton n’a pas le droit requis.', 'Créez un jeton avec le droit que le détail indique.'],
  ),
  'purpose-missing': problem(
    'malformed',
    ['Reading personal data asks for a purpose.', 'Add ?purpose= with the purpose that you read for.'],
    ['Lire des données personnelles demande une finalité.', 'Ajoutez ?purpose= avec votre finalité.'],
  ),
  'purpose-not-permitted': problem(
    'forbidden',
    ['This person may not be seen for this purpose.', 'Ask for another purpose, or for consent.'],
    ['Cette personne ne peut être vue pour cette finalité.', 'Demandez une autre finalité, ou le consentement.'],
  ),
  'not-found': problem(
    'not-found',
    ['There is nothing here.', 'Check the address.'],
    ['Il n’y a rien ici.', 'Vérifiez l’adresse.'],
  ),
  'method-not-allowed': problem(
    'wrong-method',
    ['This address does not take this method.', 'Use a method that the detail and the header Allow name.'],
    ['Cette adresse n’accepte pas cette méthode.', 'Utilisez une méthode que le détail et l’en-tête Allow indiquent.'],
  ),
  conflict: problem(
    'conflict',
    ['The state has changed in between.', 'Read it again and repeat.'],
    ['L’état a changé entre-temps.', 'Relisez-le et recommencez.'],
  ),
  'quota-exceeded': problem(
    'too-many',
    ['The key sends faster than its quota.', 'Wait as long as Retry-After says and send again.'],
    ['La clé dépasse son quota.', 'Attendez la durée de Retry-After puis renvoyez.'],
  ),
  'person-quota-exceeded': problem(
    'too-many',
    [
      'The key names this person or device in more items than their quota.',
      'Wait as long as Retry-After says and send it again.',
    ],
    [
      'La clé nomme cette personne ou cet appareil dans plus d’éléments que leur quota.',
      'Attendez la durée de Retry-After puis renvoyez.',
    ],
  ),
  overloaded: problem(
    'unavailable',
    ['The server cannot take more just now.', 'Wait as long as Retry-After says and send again.'],
    ['Le serveur ne peut prendre davantage pour l’instant.', 'Attendez la durée de Retry-After puis renvoyez.'],
  ),
  'storage-unavailable': problem(
    'unavailable',
    ['The storage cannot be written just now; nothing was accepted.', 'Send again later.'],
    ['Le stockage ne peut être écrit ; rien n’a été accepté.', 'Renvoyez plus tard.'],
  ),
  'disk-nearly-full': problem(
    'unavailable',
    [
      'The disk of the server is nearly full; nothing was accepted.',
      'Send again later: it goes on by itself as soon as its operator has made room on the disk of the data directory.',
    ],
    [
      'Le disque du serveur est presque plein ; rien n’a été accepté.',
      'Renvoyez plus tard : il reprend de lui-même dès que son exploitant a libéré le disque du répertoire de données.',
    ],
  ),
  internal: problem(
    'internal',
    ['Something broke on our side.', 'Send again; if it persists, report the request id.'],
    ['Une erreur est survenue de notre côté.', 'Renvoyez ; si cela persiste, signalez l’identifiant de requête.'],
  ),
} as const;
