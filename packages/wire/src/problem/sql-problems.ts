import { problem } from './problem-text.ts';

/** Why the door for SQL did not answer a query. */
export const SQL_PROBLEMS = {
  'sql-unreadable': problem(
    'malformed',
    ['The query cannot be read.', 'Correct it where the detail says; docs/sql.md names what may be written.'],
    ['La requête est illisible.', 'Corrigez-la à l’endroit indiqué ; docs/sql.md dit ce qui peut s’écrire.'],
  ),
  'sql-statement': problem(
    'malformed',
    ['Only one SELECT can be asked.', 'Send one query that begins with SELECT or WITH.'],
    ['Un seul SELECT peut être demandé.', 'Envoyez une seule requête qui commence par SELECT ou WITH.'],
  ),
  'sql-clause': problem(
    'malformed',
    ['This clause is not allowed here.', 'Leave it out; limits and the form of the answer are the server’s to choose.'],
    ['Cette clause n’est pas permise ici.', 'Retirez-la ; les limites et la forme de la réponse sont au serveur.'],
  ),
  'sql-table': problem(
    'malformed',
    ['The query may not read this table.', 'Read one of the views that GET /api/sql/tables lists.'],
    ['La requête ne peut pas lire cette table.', 'Lisez une des vues que liste GET /api/sql/tables.'],
  ),
  'sql-function': problem(
    'malformed',
    ['The query may not call this function.', 'Use one that works on its arguments alone; docs/sql.md names them.'],
    [
      'La requête ne peut pas appeler cette fonction.',
      'Prenez-en une qui ne dépend que de ses arguments ; voir docs/sql.md.',
    ],
  ),
  'sql-name': problem(
    'malformed',
    ['A view has this name already.', 'Give the query’s own table another name.'],
    ['Une vue porte déjà ce nom.', 'Donnez un autre nom à la table de la requête.'],
  ),
  'sql-parameter': problem(
    'malformed',
    ['A placeholder and its value do not meet.', 'Bind each {name:Type} of the query once, and nothing else.'],
    [
      'Un paramètre et sa valeur ne se rencontrent pas.',
      'Donnez une valeur à chaque {nom:Type} de la requête, et rien d’autre.',
    ],
  ),
  'sql-wrong': problem(
    'malformed',
    ['The query cannot be run as it stands.', 'Correct what the detail says.'],
    ['La requête ne peut pas être exécutée telle quelle.', 'Corrigez ce que dit le détail.'],
  ),
  'sql-failed': problem(
    'malformed',
    ['An expression of the query failed on a row.', 'Guard it, for example with toUInt32OrNull instead of toUInt32.'],
    [
      'Une expression de la requête a échoué sur une ligne.',
      'Protégez-la, par exemple avec toUInt32OrNull au lieu de toUInt32.',
    ],
  ),
  'sql-too-slow': problem(
    'malformed',
    ['The query took longer than it may.', 'Ask for a shorter span with from and to, or for less at once.'],
    ['La requête a dépassé le temps permis.', 'Réduisez la période avec from et to, ou demandez moins à la fois.'],
  ),
  'sql-too-much-memory': problem(
    'malformed',
    ['The query needed more memory than it may.', 'Ask for a shorter span with from and to, or group by less.'],
    ['La requête a dépassé la mémoire permise.', 'Réduisez la période avec from et to, ou regroupez moins finement.'],
  ),
  'sql-too-large': problem(
    'malformed',
    ['The query read or answered more than it may.', 'Ask for fewer rows or columns, or for a shorter span.'],
    [
      'La requête a lu ou rendu plus que permis.',
      'Demandez moins de lignes ou de colonnes, ou une période plus courte.',
    ],
  ),
  'sql-busy': problem(
    'too-many',
    ['Other queries are under way.', 'Wait as long as Retry-After says and ask again.'],
    ['D’autres requêtes sont en cours.', 'Attendez la durée de Retry-After et redemandez.'],
  ),
} as const;
