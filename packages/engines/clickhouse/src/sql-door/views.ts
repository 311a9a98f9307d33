import type { SqlQuestion, SqlTable } from '@filrouge/ports';
import { permissionPredicate } from '../permission-predicate.ts';
import { personJoin, personOf } from '../person-map.ts';
import { type Statement, seconds } from '../ropo-query.ts';

/** A view: what is told of it, and how each column is made of the permitted rows. */
type View = Omit<SqlTable, 'columns'> & {
  readonly columns: readonly (SqlTable['columns'][number] & { readonly sql: string })[];
  /** What its rows are of, in terms of `event`; the key begins with it. */
  readonly kinds?: string;
  /** After the permitted rows, e.g. ARRAY JOIN. */
  readonly after?: string;
};

type Told = readonly [name: string, type: string, sql: string, en: string, fr: string];

function columns(told: readonly Told[]): View['columns'] {
  return told.map(([name, type, sql, en, fr]) => ({ name, type, sql, about: { en, fr } }));
}

const TIME = "DateTime64(3, 'UTC')";
const WORD = 'LowCardinality(String)';

const EVENT_ID: Told = [
  'event_id',
  'UUID',
  'event_id',
  'the same in every view and on the timeline',
  'la même dans chaque vue et dans la chronologie',
];
const AT: Told = ['time', TIME, 't', 'when it happened, UTC', 'quand cela s’est produit, UTC'];
const PERSON: Told = [
  'person',
  'Nullable(UInt64)',
  'nullIf(whose, 0)',
  'whose it is as identity stands now; a number that stands for nobody’s name; NULL: nobody’s',
  'à qui, selon l’identité actuelle ; un numéro sans nom ; NULL : à personne',
];
const STORE: Told = ['store', WORD, 'store', 'empty where there is none', 'vide s’il n’y en a pas'];
const PROPERTY: Told = [
  'property',
  WORD,
  'property',
  'the site, app or chain of shops',
  'le site, l’application ou le réseau',
];
const SOURCE: Told = ['source', WORD, 'source', 'which source sent it', 'la source qui l’a envoyé'];
const CHANNEL: Told = ['channel', WORD, 'channel', 'web, app, store, …', 'web, app, store, …'];
const CURRENCY: Told = ['currency', WORD, 'currency', 'ISO 4217', 'ISO 4217'];
const TYPE: Told = ['type', WORD, 'receipt_type', 'sale, refund or cancellation', 'sale, refund ou cancellation'];
const RECEIPT: readonly Told[] = [
  EVENT_ID,
  AT,
  ['received', TIME, 'r', 'when it was received, UTC', 'quand il a été reçu, UTC'],
  TYPE,
  STORE,
  PROPERTY,
  SOURCE,
  CHANNEL,
  CURRENCY,
  [
    'amount_minor',
    'Int64',
    'amount',
    'cents, tax included; negative on a refund',
    'centimes, TTC ; négatif pour un retour',
  ],
  ['vat_minor', 'Int64', 'vat', 'cents of VAT in it', 'centimes de TVA compris'],
  ['line_count', 'UInt64', 'length(skus)', 'how many lines it has', 'nombre de lignes'],
  [
    'researched',
    "Enum8('' = 0, 'no' = 1, 'yes' = 2)",
    'researched',
    'what the buyer answered at the till about looking online before; empty: not asked',
    'ce que l’acheteur a répondu en caisse sur sa recherche en ligne ; vide : non demandé',
  ],
  PERSON,
];

const VIEWS: readonly View[] = [
  {
    name: 'events',
    about: { en: 'One row for each event of any kind.', fr: 'Une ligne par événement, quel que soit son genre.' },
    columns: columns([
      EVENT_ID,
      AT,
      ['received', TIME, 'r', 'when it was received, UTC', 'quand il a été reçu, UTC'],
      ['kind', WORD, 'kind', 'page, screen, track, ticket, order, …', 'page, screen, track, ticket, order, …'],
      ['name', WORD, 'name', 'e.g. Product Viewed', 'p. ex. Product Viewed'],
      CHANNEL,
      SOURCE,
      PROPERTY,
      STORE,
      ['terminal', 'Bool', 'terminal', 'it came from a browser or an app', 'venu d’un navigateur ou d’une application'],
      ['imported', 'Bool', 'imported', 'it came from a file', 'venu d’un fichier'],
      ['skus', 'Array(LowCardinality(String))', 'skus', 'products that it speaks of', 'produits dont il parle'],
      ['categories', 'Array(LowCardinality(String))', 'categories', 'parallel to skus', 'parallèle à skus'],
      [
        'properties',
        'Map(LowCardinality(String), String)',
        'clear',
        'properties of the clear list; personal ones are sealed and not here',
        'propriétés de la liste claire ; les personnelles, scellées, n’y sont pas',
      ],
      PERSON,
    ]),
  },
  {
    name: 'tickets',
    about: { en: 'One row for each till receipt.', fr: 'Une ligne par ticket de caisse.' },
    kinds: "kind = 'ticket'",
    columns: columns(RECEIPT),
  },
  {
    name: 'orders',
    about: { en: 'One row for each online order.', fr: 'Une ligne par commande en ligne.' },
    kinds: "kind = 'order'",
    columns: columns(RECEIPT),
  },
  {
    name: 'lines',
    about: {
      en: 'One row for each line of a ticket or an order.',
      fr: 'Une ligne par article d’un ticket ou d’une commande.',
    },
    kinds: "kind IN ('ticket', 'order')",
    after:
      'ARRAY JOIN skus AS one_sku, arrayResize(categories, length(skus)) AS one_category, arrayResize(line_amounts, length(skus)) AS one_amount, arrayEnumerate(skus) AS one_line',
    columns: columns([
      EVENT_ID,
      AT,
      ['kind', WORD, 'kind', 'ticket or order', 'ticket ou order'],
      TYPE,
      STORE,
      PROPERTY,
      ['line', 'UInt32', 'one_line', 'from 1', 'à partir de 1'],
      ['sku', WORD, 'one_sku', 'the product', 'le produit'],
      ['category', 'String', 'one_category', 'empty where there is none', 'vide s’il n’y en a pas'],
      CURRENCY,
      ['amount_minor', 'Int64', 'one_amount', 'cents paid for this line', 'centimes payés pour cette ligne'],
      PERSON,
    ]),
  },
  {
    name: 'touches',
    about: {
      en: 'One row for each event that came with a campaign’s parameters (utm).',
      fr: 'Une ligne par événement venu avec les paramètres d’une campagne (utm).',
    },
    after: "WHERE clear['campaign_name'] != '' OR clear['campaign_source'] != ''",
    columns: columns([
      EVENT_ID,
      AT,
      ['kind', WORD, 'kind', 'page, screen, track, …', 'page, screen, track, …'],
      PROPERTY,
      ['campaign', 'String', "clear['campaign_name']", 'utm_campaign', 'utm_campaign'],
      ['campaign_source', 'String', "clear['campaign_source']", 'utm_source', 'utm_source'],
      ['campaign_medium', 'String', "clear['campaign_medium']", 'utm_medium', 'utm_medium'],
      ['campaign_term', 'String', "clear['campaign_term']", 'utm_term', 'utm_term'],
      ['campaign_content', 'String', "clear['campaign_content']", 'utm_content', 'utm_content'],
      PERSON,
    ]),
  },
];

const PERSONS: SqlTable & { readonly sql: readonly string[] } = {
  name: 'persons',
  about: {
    en: 'One row for each person of whom an event may be used for this purpose.',
    fr: 'Une ligne par personne dont un événement peut servir à cette finalité.',
  },
  ...personColumns([
    ['person', 'UInt64', 'whose', 'as in the other views, never NULL', 'comme dans les autres vues, jamais NULL'],
    ['first_seen', TIME, 'min(t)', 'first event, UTC', 'premier événement, UTC'],
    ['last_seen', TIME, 'max(t)', 'last event, UTC', 'dernier événement, UTC'],
    ['events', 'UInt64', 'count()', 'events in all', 'événements en tout'],
    [
      'tickets',
      'UInt64',
      "countIf(kind = 'ticket' AND receipt_type = 'sale')",
      'sales at the till',
      'ventes en caisse',
    ],
    [
      'orders',
      'UInt64',
      "countIf(kind = 'order' AND receipt_type = 'sale')",
      'orders placed online',
      'commandes en ligne',
    ],
    [
      'spent_minor',
      'Map(String, Int64)',
      "sumMapIf(map(toString(currency), amount), kind IN ('ticket', 'order') AND receipt_type IN ('sale', 'refund'))",
      'currency → cents: sales less refunds, tickets and orders together',
      'devise → centimes : ventes moins retours, tickets et commandes ensemble',
    ],
  ]),
};

function personColumns(told: readonly Told[]): Pick<typeof PERSONS, 'columns' | 'sql'> {
  return {
    columns: columns(told).map(({ sql: _, ...column }) => column),
    sql: told.map(([name, , sql]) => `${sql} AS ${name}`),
  };
}

/** What a query may read, as it is told to people. */
export const SQL_TABLES: readonly SqlTable[] = [...VIEWS, PERSONS].map(({ name, about, columns: all }) => ({
  name,
  about,
  columns: all.map(({ name: column, type, about: meaning }) => ({ name: column, type, about: meaning })),
}));

const ROWS =
  'event_id, kind, thread, device, t, r, c, name, channel, source, property, store, purposes, bot, imported, terminal, receipt_type, currency, amount, vat, researched, skus, categories, line_amounts, clear';
const SHOWN =
  'event_id, kind, t, r, name, channel, source, property, store, imported, terminal, receipt_type, currency, amount, vat, researched, skus, categories, line_amounts, clear';

/** Names of placeholders that are ours; a query may not bind them. */
export const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'brand',
  'permission_bit',
  'permission_now',
  'span_from',
  'span_to',
]);

/**
 * The views as a WITH list, so that what follows reads permitted rows and nothing else. Every view is made of the rows
 * that the one predicate lets through at this instant (S10), each with the person that identity gives it now (S13).
 */
export function permittedViews(question: Pick<SqlQuestion, 'brand' | 'permission' | 'from' | 'to'>): Statement {
  const { brand, permission, from, to } = question;
  const allowed = permissionPredicate({ ...permission, rows: 'e', from: 'anywhere' });
  const span = [
    ...(from === undefined ? [] : [`e.t >= {span_from:${TIME}}`]),
    ...(to === undefined ? [] : [`e.t < {span_to:${TIME}}`]),
  ];
  const rows = (kinds: string | undefined): string => `(
    SELECT ${SHOWN.split(', ')
      .map((column) => `e.${column} AS ${column}`)
      .join(', ')}, ${personOf('e')} AS whose
    FROM (SELECT ${ROWS} FROM event FINAL PREWHERE brand = {brand:String}${kinds === undefined ? '' : ` AND ${kinds}`}) AS e
    ${personJoin('e')}
    ${allowed.joins}
    WHERE ${[...span, allowed.condition].join(' AND ')})`;
  const views = VIEWS.map(
    ({ name, columns: all, kinds, after = '' }) =>
      `${name} AS (SELECT ${all.map((column) => `${column.sql} AS ${column.name}`).join(', ')} FROM ${rows(kinds)} ${after})`,
  );
  const persons = `persons AS (SELECT ${PERSONS.sql.join(', ')} FROM ${rows(undefined)} WHERE whose != 0 GROUP BY whose)`;
  return {
    query: [...views, persons].join(',\n'),
    parameters: {
      ...allowed.parameters,
      brand,
      ...(from === undefined ? {} : { span_from: seconds(from) }),
      ...(to === undefined ? {} : { span_to: seconds(to) }),
    },
  };
}

/** The same views without a row and without a table: what a query means can be found out from them, and no more. */
export function emptyViews(): string {
  return SQL_TABLES.map(
    ({ name, columns: all }) =>
      `${name} AS (SELECT ${all.map((column) => `${emptyValue(column.type)} AS ${column.name}`).join(', ')} WHERE 0)`,
  ).join(',\n');
}

/** A value of the type that is made of nothing: the first of an empty array. */
function emptyValue(type: string): string {
  return `CAST([], 'Array(${type.replaceAll("'", "\\'")})')[1]`;
}
