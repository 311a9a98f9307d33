import { exportConsents } from './export-consents.ts';
import { exportEvents } from './export-events.ts';
import { exportPeople } from './export-people.ts';
import type { ExportDeps, Exporter, ExportQuery } from './export-row.ts';

/** What reads everything of one kind that one purpose may have, and decides on it again before it is published (S10). */
export function createExporter(deps: ExportDeps, query: ExportQuery): Exporter {
  switch (query.kind) {
    case 'people':
      return exportPeople(deps, query);
    case 'events':
    case 'tickets':
    case 'orders':
      return exportEvents(deps, query, query.kind);
    case 'consents':
      return exportConsents(deps, query);
  }
}
