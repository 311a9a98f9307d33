import type { Instant } from '@filrouge/domain/base';
import { type Door, isBalanced } from '@filrouge/pipeline';
import type { FlowReading, ProjectionStore, ReadingStore } from '@filrouge/ports';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { IdentityTokens } from '../../access/identity-tokens.ts';
import type { DiskState } from '../../disk/disk-guard.ts';
import type { WorkState } from '../../work/thread-messages.ts';
import { projectorLag } from './projector-lag.ts';

export type MetricsParts = {
  readonly reading: ReadingStore;
  readonly projections: ProjectionStore;
  readonly door: Door;
  /** How the projector of this process fares, where it has one. */
  readonly work: () => Promise<Pick<WorkState, 'standsBy' | 'unresolved'> | undefined>;
  readonly disk: () => Promise<DiskState>;
  /** Whether everything decided is in the second place of the consents; undefined where there is none. */
  readonly copied: () => boolean | undefined;
  readonly identityTokens: Pick<IdentityTokens, 'counts'>;
  readonly now: () => Instant;
};

/** Figures for Prometheus. Labels are names of sources, reasons and routes: nothing that a client writes becomes one. */
export type Metrics = { readonly contentType: string; readonly read: () => Promise<string> };

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(app: FastifyInstance, parts: MetricsParts): Metrics {
  const registry = new Registry();
  observeRequests(app, registry);
  const flow = flowFigures(registry);
  const tokens = tokenFigures(registry);
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `filrouge_${name}`, help, registers });
  const lagCommits = gauge('projector_lag_commits', 'Group commits of the journal that are not projected yet.');
  const lagSeconds = gauge('projector_lag_seconds', 'Age of the oldest group commit that is not projected yet.');
  const projects = gauge(
    'projector_active',
    '1 in the process that projects, 0 in one that stands by or has other roles.',
  );
  const waiting = gauge('door_waiting_items', 'Items that wait for the next group commit.');
  const unresolved = gauge(
    'identity_unresolved',
    'New facts that met a part of the identity graph too large to be resolved, since the start of this process.',
  );
  const diskFree = gauge('disk_free_bytes', 'Free bytes of the fullest file system of the data directory.');
  const collects = gauge('disk_open', '1 while there is room for events, files and exports; 0: they are answered 503.');
  const copied = gauge(
    'consents_copied',
    '0 while the second place of the consents cannot be written, else 1: an alarm.',
  );
  return {
    contentType: registry.contentType,
    async read() {
      flow(await parts.reading.flow());
      tokens(parts.identityTokens);
      const lag = await projectorLag(parts.projections, parts.now);
      lagCommits.set(lag.commits);
      lagSeconds.set(lag.seconds);
      const work = await parts.work();
      projects.set(work?.standsBy === false ? 1 : 0);
      const disk = await parts.disk();
      diskFree.set(disk.freeBytes);
      collects.set(disk.mode === 'open' ? 1 : 0);
      copied.set(parts.copied() === false ? 0 : 1);
      waiting.set(parts.door.waiting);
      unresolved.set(work?.unresolved ?? 0);
      return registry.metrics();
    },
  };
}

function observeRequests(app: FastifyInstance, registry: Registry): void {
  const durations = new Histogram({
    name: 'filrouge_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}

/** Identity tokens of this process by what came of them: one that is not believed leaves its item as without it. */
function tokenFigures(registry: Registry): (tokens: Pick<IdentityTokens, 'counts'>) => void {
  const figure = new Counter({
    name: 'filrouge_identity_tokens_total',
    help: 'Identity tokens shown with items and decisions, by result: verified, or why not.',
    labelNames: ['source', 'result'],
    registers: [registry],
  });
  return ({ counts }) => {
    figure.reset();
    for (const [source, results] of counts) for (const [result, sum] of results) figure.inc({ source, result }, sum);
  };
}

/** The sums of S2. They live in the database, so every process shows the same and a restart loses none. */
function flowFigures(registry: Registry): (flow: FlowReading) => void {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[]): Counter =>
    new Counter({ name: `filrouge_${name}_total`, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `filrouge_${name}`, help, registers });
  const bySource = {
    accepted: counter('items_accepted', 'Items accepted.', ['source']),
    kept: counter('items_kept', 'Items projected.', ['source']),
    duplicates: counter('items_duplicate', 'Items that were there already.', ['source']),
    refused: counter('items_refused', 'Items refused.', ['source']),
    bots: counter('items_bot', 'Kept items of bots.', ['source']),
  } as const;
  const withheld = counter('items_withheld', 'Items that no permission covered, never written.', ['source', 'reason']);
  const states = {
    pending: gauge('items_pending', 'Items accepted and not projected yet.'),
    quarantined: gauge('items_quarantined', 'Items in quarantine.'),
    discarded: gauge('items_discarded', 'Items discarded by staff.'),
    damaged: gauge(
      'journal_damaged_items',
      'Items damaged in the journal after they were accepted, in quarantine: an alarm.',
    ),
  } as const;
  const balanced = gauge('flow_balanced', '1 while accepted = pending + kept + withheld + quarantined + discarded.');
  return (flow) => {
    withheld.reset();
    for (const [name, figure] of Object.entries(bySource) as [keyof typeof bySource, Counter][]) {
      figure.reset();
      for (const [source, sums] of Object.entries(flow.bySource)) figure.inc({ source }, sums[name]);
    }
    for (const [source, { withheldBy }] of Object.entries(flow.bySource)) {
      for (const [reason, names] of Object.entries(withheldBy)) {
        withheld.inc(
          { source, reason },
          Object.values(names).reduce((sum, n) => sum + n, 0),
        );
      }
    }
    for (const [name, figure] of Object.entries(states) as [keyof typeof states, Gauge][]) figure.set(flow[name]);
    balanced.set(isBalanced(flow) ? 1 : 0);
  };
}
