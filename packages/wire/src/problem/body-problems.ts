import { problem } from './problem-text.ts';

/** Requests, bodies and items that cannot be read. */
export const BODY_PROBLEMS = {
  'request-unreadable': problem(
    'malformed',
    ['This is no HTTP request that can be read.', 'Send it with an HTTP client, and no control characters in headers.'],
    [
      'Ce n’est pas une requête HTTP lisible.',
      'Envoyez-la avec un client HTTP, sans caractère de contrôle dans les en-têtes.',
    ],
  ),
  'head-too-large': problem(
    'head-too-large',
    ['Address and headers together are longer than 16 KB.', 'Send less in them; what is long belongs into a body.'],
    [
      'L’adresse et les en-têtes dépassent ensemble 16 Ko.',
      'Envoyez-en moins ; ce qui est long a sa place dans un corps.',
    ],
  ),
  'request-too-slow': problem(
    'too-slow',
    ['The request did not arrive whole in time.', 'Send it again; look for what slows the connection down.'],
    ['La requête n’est pas arrivée entière à temps.', 'Renvoyez-la ; cherchez ce qui ralentit la connexion.'],
  ),
  'body-empty': problem(
    'malformed',
    ['The body is empty.', 'Send one JSON object, or {"batch":[…]}.'],
    ['Le corps est vide.', 'Envoyez un objet JSON, ou {"batch":[…]}.'],
  ),
  'body-incomplete': problem(
    'malformed',
    ['The body did not arrive whole.', 'Send as many bytes as Content-Length says.'],
    ['Le corps n’est pas arrivé entier.', 'Envoyez autant d’octets que Content-Length en annonce.'],
  ),
  'body-too-large': problem(
    'too-large',
    ['The body is larger than the limit.', 'Send smaller batches.'],
    ['Le corps dépasse la limite.', 'Envoyez des lots plus petits.'],
  ),
  'body-not-utf8': problem(
    'malformed',
    ['The body is not valid UTF-8.', 'Encode the JSON in UTF-8.'],
    ['Le corps n’est pas de l’UTF-8 valide.', 'Encodez le JSON en UTF-8.'],
  ),
  'body-not-an-object': problem(
    'malformed',
    ['The body is not a JSON object.', 'Send one JSON object, or {"batch":[…]}.'],
    ['Le corps n’est pas un objet JSON.', 'Envoyez un objet JSON, ou {"batch":[…]}.'],
  ),
  'encoding-unreadable': problem(
    'malformed',
    ['The body cannot be decompressed.', 'Send it plain, or with Content-Encoding gzip.'],
    ['Le corps ne peut être décompressé.', 'Envoyez-le tel quel, ou avec Content-Encoding gzip.'],
  ),
  'json-malformed': problem(
    'malformed',
    ['The JSON breaks off or has a syntax error.', 'Mend the JSON at the place given.'],
    ['Le JSON est interrompu ou fautif.', 'Corrigez le JSON à l’endroit indiqué.'],
  ),
  'batch-missing': problem(
    'malformed',
    ['There is no array "batch" at the top of the body.', 'Put the items into {"batch":[…]}.'],
    ['Il n’y a pas de tableau « batch » en tête du corps.', 'Placez les éléments dans {"batch":[…]}.'],
  ),
  'pixel-data-unreadable': problem(
    'malformed',
    ['The parameter "data" is neither JSON nor base64 of JSON.', 'Encode one JSON object in base64url.'],
    ['Le paramètre « data » n’est ni du JSON ni du base64 de JSON.', 'Encodez un objet JSON en base64url.'],
  ),
  'duplicate-key': problem(
    'malformed',
    ['An object repeats a key, and readers would disagree on its value.', 'Send each key once.'],
    ['Un objet répète une clé, et les lecteurs ne s’accorderaient pas.', 'Envoyez chaque clé une seule fois.'],
  ),
  'depth-exceeded': problem(
    'malformed',
    ['Objects or arrays are nested too deep.', 'Flatten the item to 32 levels at most.'],
    ['Objets ou tableaux trop imbriqués.', 'Aplatissez l’élément à 32 niveaux au plus.'],
  ),
  'keys-exceeded': problem(
    'malformed',
    ['The item has too many keys.', 'Keep to 1,000 keys in one item.'],
    ['L’élément a trop de clés.', 'Limitez-vous à 1 000 clés par élément.'],
  ),
  'item-too-large': problem(
    'too-large',
    ['The item is larger than 32 KB.', 'Send less in one item.'],
    ['L’élément dépasse 32 Ko.', 'Envoyez moins dans un seul élément.'],
  ),
  'too-many-items': problem(
    'too-large',
    ['The batch holds more than 2,500 items; those beyond were not read.', 'Split the batch and send the rest again.'],
    ['Le lot dépasse 2 500 éléments ; les suivants n’ont pas été lus.', 'Divisez le lot et renvoyez le reste.'],
  ),
  'forbidden-key': problem(
    'malformed',
    ['The keys __proto__ and constructor.prototype are not accepted.', 'Rename the key.'],
    ['Les clés __proto__ et constructor.prototype sont refusées.', 'Renommez la clé.'],
  ),
  'number-not-finite': problem(
    'malformed',
    ['The number is too large to be represented.', 'Send it as a string, or leave it out.'],
    ['Le nombre est trop grand pour être représenté.', 'Envoyez-le en chaîne, ou retirez-le.'],
  ),
} as const;
