import { openStores } from './opened-stores.ts';

/** Events of a stopped installation, counted as they lie, before any merge takes doubles out. */
export async function storedEvents(dataDir: string): Promise<{ readonly rows: number; readonly events: number }> {
  const stores = await openStores(dataDir);
  try {
    const query = 'select count() as rows, uniqExact(event_id) as events from event';
    const [counts] = await (await stores.events.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>();
    return { rows: Number(counts?.['rows']), events: Number(counts?.['events']) };
  } finally {
    await stores.close();
  }
}
