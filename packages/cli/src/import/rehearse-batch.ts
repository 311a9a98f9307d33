import type { Instant } from '@filrouge/domain/base';
import { dateInLedger, judgeSubmission } from '@filrouge/domain/consent';
import type { Deployment, Source } from '@filrouge/domain/deployment';
import { correctTimes } from '@filrouge/domain/event';
import type { ReferenceKind } from '@filrouge/domain/reference';
import {
  findRoute,
  IMPORT_CONSENTS_ROUTE,
  type ItemRefusal,
  REFERENCE_ROUTES,
  readFrame,
  refusalOf,
  understandConsents,
  understandFrame,
  understandReference,
} from '@filrouge/wire';
import type { ImportKind } from '@filrouge/wire/import';
import type { SendBatch, SentBatch } from './import-file.ts';
import { problemAt } from './rejected-items.ts';
import { IMPORT_PATH } from './send-batch.ts';

/** What a server knows that a rehearsal needs; without a configuration here, of consents only their form is looked at. */
export type RehearsedBy = { readonly source: Source; readonly deployment: Deployment | undefined };

type Read = Extract<ReturnType<typeof readFrame>, { readonly ok: true }>['value'];
type Understood = { readonly rejected: readonly ItemRefusal[]; readonly datedAhead: number };

/** What the door would say of a batch before it decides, without sending anything: its own reading, done here. */
export function createRehearsal(kind: ImportKind, by: RehearsedBy): SendBatch {
  const route = kind === 'consents' ? IMPORT_CONSENTS_ROUTE : isReference(kind) ? REFERENCE_ROUTES[kind] : itemsRoute();
  return async ({ body, lines }): Promise<SentBatch> => {
    const frame = readFrame(route, body);
    if (!frame.ok) return { rejected: lines.map((line) => problemAt(line, frame.refusal)), datedAhead: 0 };
    const r = Date.now() as Instant;
    const { rejected, datedAhead } = understand(kind, frame.value, by, r);
    const problems = rejected.flatMap((refusal) => {
      const line = lines[refusal.index];
      return line === undefined ? [] : [problemAt(line, refusal)];
    });
    return { rejected: problems, datedAhead };
  };
}

function itemsRoute() {
  const route = findRoute('POST', IMPORT_PATH);
  if (route?.shape !== 'batch') throw new Error(`${IMPORT_PATH} takes no batches any more`);
  return route;
}

function isReference(kind: ImportKind): kind is ReferenceKind {
  return kind in REFERENCE_ROUTES;
}

function understand(kind: ImportKind, frame: Read, by: RehearsedBy, r: Instant): Understood {
  if (kind === 'consents') return rehearseConsents(frame, by, r);
  if (isReference(kind)) return { rejected: understandReference(frame, kind).rejected, datedAhead: 0 };
  const { items, rejected } = understandFrame(frame, { source: by.source, r });
  const ahead = items.filter(({ times }) => correctTimes({ ...times, r, imported: true }).marks.length > 0);
  return { rejected, datedAhead: ahead.length };
}

/** As the ledger would judge them: purposes and notices are the configuration's. What is recorded already is not known here. */
function rehearseConsents(frame: Read, { source, deployment }: RehearsedBy, r: Instant): Understood {
  const notices = deployment?.notices ?? [];
  const { consents, indexes, rejected } = understandConsents(frame, { source, r, notices });
  const ahead = consents.filter(({ indicatedAt }) => dateInLedger(indicatedAt, r).marks.length > 0).length;
  if (deployment === undefined) return { rejected, datedAhead: ahead };
  const judged = consents.flatMap((consent, at): readonly ItemRefusal[] => {
    const proof = consent.evidence !== undefined && Object.keys(consent.evidence).length > 0;
    const verdict = judgeSubmission(consent, { kind: source.kind, signed: false, imported: { proof } }, deployment);
    const refusal = verdict.ok ? verdict.value.left[0] : verdict.refusal;
    if (refusal === undefined) return [];
    return [{ index: indexes[at] as number, ...refusalOf(refusal.code, refusal.pointer) }];
  });
  return { rejected: [...rejected, ...judged].sort((a, b) => a.index - b.index), datedAhead: ahead };
}
