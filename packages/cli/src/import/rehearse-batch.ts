import type { Instant } from '@filrouge/domain/base';
import type { Source } from '@filrouge/domain/deployment';
import { correctTimes } from '@filrouge/domain/event';
import { findRoute, readFrame, understandFrame } from '@filrouge/wire';
import type { SendBatch } from './import-file.ts';
import { problemAt } from './rejected-items.ts';
import { IMPORT_PATH } from './send-batch.ts';

/** What the door would say of a batch before it decides, without sending anything: its own reading, done here. */
export function createRehearsal(source: Source): SendBatch {
  const route = findRoute('POST', IMPORT_PATH);
  if (route?.shape !== 'batch') throw new Error(`${IMPORT_PATH} takes no batches any more`);
  return async ({ body, lines }) => {
    const frame = readFrame(route, body);
    if (!frame.ok) return { rejected: lines.map((line) => problemAt(line, frame.refusal)), datedAhead: 0 };
    const r = Date.now() as Instant;
    const { items, rejected } = understandFrame(frame.value, { source, r });
    const ahead = items.filter(({ times }) => correctTimes({ ...times, r, imported: true }).marks.length > 0);
    const problems = rejected.flatMap((refusal) => {
      const line = lines[refusal.index];
      return line === undefined ? [] : [problemAt(line, refusal)];
    });
    return { rejected: problems, datedAhead: ahead.length };
  };
}
