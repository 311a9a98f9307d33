import type { Purpose, PurposeId } from '@filrouge/domain/consent';
import type { SqlRefusal, SqlRefusalCode } from '@filrouge/ports';
import { type ProblemCode, type ProblemLanguage, problemLanguage } from '@filrouge/wire';
import type { z } from 'zod';
import { brandFor, oneOf } from '../../access/brand-scope.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiCall, type ApiRoute, type AuditedLook, apiRoute } from '../api-route.ts';
import type { ApiService } from '../api-service.ts';
import { instantOf } from '../common-schemas.ts';
import { untilProjected } from '../reports/until-projected.ts';
import { sqlAnswer, sqlBody, sqlTables } from './sql-schemas.ts';

const BUSY_SECONDS = 2;

const PROBLEM_OF: Readonly<Record<SqlRefusalCode, ProblemCode>> = {
  unreadable: 'sql-unreadable',
  statement: 'sql-statement',
  clause: 'sql-clause',
  table: 'sql-table',
  function: 'sql-function',
  name: 'sql-name',
  parameter: 'sql-parameter',
  wrong: 'sql-wrong',
  failed: 'sql-failed',
  time: 'sql-too-slow',
  memory: 'sql-too-much-memory',
  size: 'sql-too-large',
  busy: 'sql-busy',
};

const common = { tag: 'SQL', scope: 'sql:read' } as const;

/** The door for SQL: views that hold what one purpose permits (S10), and nothing else. */
export const SQL_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    ...common,
    method: 'GET',
    path: '/api/sql/tables',
    summary: 'The views that a query may read, with what each column means',
    status: 200,
    answer: sqlTables,
    problems: [],
    async handle({ service, request }) {
      const language = problemLanguage(request.headers['accept-language']);
      return {
        tables: service.sql.tables.map(({ name, about, columns }) => ({
          name,
          about: about[language],
          columns: columns.map((column) => ({ ...column, about: column.about[language] })),
        })),
      };
    },
  }),
  apiRoute({
    ...common,
    method: 'POST',
    path: '/api/sql',
    summary: 'One SELECT over events that may be used for a purpose, as consent and identity stand now',
    body: sqlBody,
    status: 200,
    answer: sqlAnswer,
    problems: ['brand-not-allowed', 'unknown-purpose', 'projector-behind', ...Object.values(PROBLEM_OF)],
    handle: answerQuery,
  }),
];

async function answerQuery({
  service,
  bearer,
  body,
  request,
  audit,
}: ApiCall<unknown, unknown, z.output<typeof sqlBody>>) {
  const brand = brandFor(bearer, service.deployment, body.brand, 'body');
  const purpose = purposeOf(service, body.purpose);
  const query = service.sql.withoutValues(body.query);
  const look: AuditedLook = { action: 'sql', brand, purpose: purpose.id, detail: { query } };
  audit(look);
  const at = await untilProjected(service);
  const now = service.now();
  const started = performance.now();
  const answer = await service.sql.ask({
    brand,
    permission: { purpose, use: 'individual', now },
    text: body.query,
    parameters: body.parameters,
    ...(body.from === undefined ? {} : { from: instantOf(body.from, now) }),
    ...(body.to === undefined ? {} : { to: instantOf(body.to, now) }),
    rowsMax: body.limit,
  });
  const ms = Math.round(performance.now() - started);
  if (!answer.ok) {
    audit({ ...look, detail: { query, ms } });
    throw problemOfRefusal(answer.refusal, problemLanguage(request.headers['accept-language']));
  }
  const { columns, rows, truncated } = answer.value;
  audit({ ...look, detail: { query, ms, rows: rows.length, truncated } });
  return {
    brand,
    purpose: purpose.id,
    columns,
    rows,
    truncated,
    ms,
    asOf: { ledgerPosition: at.ledgerPosition, journalPosition: at.position, at: new Date(now).toISOString() },
  };
}

function purposeOf({ deployment }: ApiService, asked: string): Purpose {
  const purpose = deployment.purposes.get(asked as PurposeId);
  if (purpose !== undefined) return purpose;
  throw new ProblemAnswer('unknown-purpose', { pointer: '/purpose', detail: oneOf(deployment.purposes.keys()) });
}

function problemOfRefusal({ code, what, at }: SqlRefusal, language: ProblemLanguage): ProblemAnswer {
  const words = language === 'fr' ? 'ligne' : 'line';
  const columnWord = language === 'fr' ? 'colonne' : 'column';
  const place = at === undefined ? undefined : `${words} ${at.line}, ${columnWord} ${at.column}`;
  const detail = [what, place].filter((part) => part !== undefined).join(' · ');
  return new ProblemAnswer(PROBLEM_OF[code], {
    pointer: code === 'parameter' ? '/parameters' : '/query',
    ...(detail === '' ? {} : { detail }),
    ...(code === 'busy' ? { retryAfterSeconds: BUSY_SECONDS } : {}),
    extra: { ...(what === undefined ? {} : { what }), ...at },
  });
}
