import { DAY_MS, type Instant, instant } from '@filrouge/domain/base';
import type { PurposeId } from '@filrouge/domain/consent';
import {
  measureRopo,
  type RopoFigures,
  type RopoRow,
  type RopoWindow,
  ropoDefinition,
} from '@filrouge/domain/measurement';
import { problemLanguage } from '@filrouge/wire';
import { brandFor } from '../../access/brand-scope.ts';
import { ProblemAnswer } from '../../http/problem-answer.ts';
import { type ApiRoute, apiRoute } from '../api-route.ts';
import { instantOf } from '../common-schemas.ts';
import { ropoCsv } from './ropo-csv.ts';
import { type RopoParameters, ropoAnswer, ropoQuery } from './ropo-schemas.ts';
import { untilProjected } from './until-projected.ts';

/** Both sides of the figure are read for this purpose (S10). */
const PURPOSE = 'store_measurement' as PurposeId;

const SPAN_DAYS_DEFAULT = 30;

/** Research online, purchase offline, and the reverse (measurement.md). */
export const ROPO_ROUTES: readonly ApiRoute[] = [
  apiRoute({
    method: 'GET',
    path: '/api/reports/ropo',
    tag: 'Reports',
    summary: 'The ROPO share: observed, estimated and at its bounds',
    scope: 'reports:read',
    query: ropoQuery,
    status: 200,
    answer: ropoAnswer,
    alsoAs: ['text/csv'],
    render: (answer, accept) =>
      accept.includes('text/csv')
        ? { contentType: 'text/csv; charset=utf-8; header=present', text: ropoCsv(answer) }
        : undefined,
    problems: ['brand-not-allowed', 'unknown-purpose', 'projector-behind'],
    async handle({ service, bearer, query, request, audit }) {
      const brand = brandFor(bearer, service.deployment, query.brand);
      const purpose = service.deployment.purposes.get(PURPOSE);
      if (purpose === undefined) throw new ProblemAnswer('unknown-purpose', { detail: PURPOSE });
      const span = spanAsked(query, service.now());
      audit({ action: 'report/ropo', brand, purpose: PURPOSE });
      const at = await untilProjected(service);
      const now = service.now();
      const question = { direction: query.direction, match: query.match, window: Number(query.window) as RopoWindow };
      const cells = await service.events.ropoCells({
        ...question,
        ...span,
        brand,
        by: query.by,
        permission: { purpose, use: 'aggregate', now },
      });
      const { byCount, byValue, observable, asked, currency, otherCurrencies, rows } = measureRopo(cells);
      const isStore = query.by === 'store' && query.direction === 'online-to-store';
      const keys = rows.map(({ key }) => key);
      // What was imported is newer than what the configuration was written with.
      const configured = (key: string): string | null => {
        const store = isStore ? service.deployment.stores.get(key) : undefined;
        return store?.brand === brand ? store.name : null;
      };
      const names = isStore ? await service.reference.names(brand, 'stores', keys) : new Map<string, string>();
      return {
        definition: ropoDefinition(question)[problemLanguage(request.headers['accept-language'])],
        brand,
        ...question,
        by: query.by,
        from: iso(span.from),
        to: iso(span.to),
        ...shownFigures(byCount),
        currency,
        otherCurrencies,
        byValue: shownFigures(byValue),
        observable,
        asked,
        rows: rows.map((row) => ({ ...shownRow(row), name: names.get(row.key) ?? configured(row.key) })),
        asOf: { ledgerPosition: at.ledgerPosition, journalPosition: at.position, at: iso(now) },
      };
    },
  }),
];

function spanAsked(query: RopoParameters, now: Instant): { readonly from: Instant; readonly to: Instant } {
  const to = instantOf(query.to, now);
  const from = instantOf(query.from, instant(to - SPAN_DAYS_DEFAULT * DAY_MS));
  if (from >= to) throw new ProblemAnswer('value-not-allowed', { pointer: '/from', detail: 'before `to`' });
  return { from, to };
}

function shownRow({ key, byCount, byValue, observable, asked }: RopoRow) {
  return { key, ...shownFigures(byCount), byValue: shownFigures(byValue), observable, asked };
}

function shownFigures({ population, coverage, consentedBase, observed, estimate, bounds }: RopoFigures) {
  return {
    population,
    coverage: { value: coverage ?? null },
    consentedBase,
    observed: observed ?? null,
    estimate: estimate ?? null,
    bounds: bounds ?? null,
  };
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
