import type { Json, JsonObject } from '@filrouge/domain/base';
import { isJsonObject } from '@filrouge/domain/base';
import {
  ANY_VENDOR,
  contradictions,
  factsAbout,
  IMPORTED_WITH_TEXT,
  IMPORTED_WITHOUT_NOTICE,
  isNegative,
  isSameNotice,
  orderTime,
} from '@filrouge/domain/consent';
import type { NodeId } from '@filrouge/domain/identity';
import type { LedgerFact } from '@filrouge/ports';
import {
  type ExportDeps,
  type Exporter,
  type ExportPage,
  type ExportQuery,
  type ExportRow,
  IDENTIFIER_FIELDS,
  iso,
} from './export-row.ts';

/** Decisions that are read in one go. */
const PAGE_FACTS = 500;

/**
 * The ledger of a brand, decision by decision, with what proves it: for the one who must be able to show that people
 * consented (GDPR 7(1)). It rests on that obligation and on no consent; who was erased is not in it. A decision is told
 * as it counts: at the instant at which it takes its place, and a yes that was never proven as requested, so that what
 * comes back by an import is neither more nor less.
 */
export function exportConsents(deps: ExportDeps, query: ExportQuery): Exporter {
  return {
    async *pages() {
      let after = 0;
      for (;;) {
        const facts = await deps.reading.ledgerAfter(query.brand, after, PAGE_FACTS);
        const last = facts.at(-1);
        if (last !== undefined) yield pageOf(deps, query, facts);
        if (last === undefined || facts.length < PAGE_FACTS) return;
        after = last.position;
      }
    },
    again: (rows) =>
      Promise.all(
        rows.map(async ({ basis }) => {
          if (basis.kind !== 'fact') return undefined;
          const facts = await deps.reading.ledgerAfter(query.brand, basis.position - 1, 1);
          return (await pageOf(deps, query, facts)).rows[0];
        }),
      ),
  };
}

async function pageOf(deps: ExportDeps, query: ExportQuery, facts: readonly LedgerFact[]): Promise<ExportPage> {
  const takenBack = await supersededOf(deps, facts);
  const rows: ExportRow[] = [];
  let [closed, unreadable, superseded] = [0, 0, 0];
  for (const fact of facts) {
    if (fact.nodes.length === 0) closed += 1;
    else if (takenBack.has(fact.position)) superseded += 1;
    else {
      const items = itemsOf(deps, query, fact);
      if (items.length === 0) unreadable += 1;
      else {
        const rests = fact.nodes.map(({ node }) => node);
        rows.push({ items, rests, basis: { kind: 'fact', position: fact.position } });
      }
    }
  }
  return { rows, seen: facts.length, closed, unreadable, superseded };
}

/** Positions of decisions that a higher number of their own device contradicts (S5): they say nothing any more. */
async function supersededOf({ reading }: ExportDeps, facts: readonly LedgerFact[]): Promise<ReadonlySet<number>> {
  const numbered = facts.filter(({ sequence }) => sequence !== undefined);
  const devices = [...new Set(numbered.map(({ sequence }) => sequence?.device as NodeId))];
  const found = new Set<number>();
  for (const { self } of devices.length === 0 ? [] : await reading.subjects(devices)) {
    const asked = new Set(self.map(({ purpose, vendor }) => `${purpose}\n${vendor}`));
    for (const key of asked) {
      const [purpose, vendor] = key.split('\n') as [LedgerFact['purpose'], string];
      for (const fact of contradictions(factsAbout(self, purpose, vendor)).keys()) found.add(fact.position);
    }
  }
  return found;
}

/** What a record keeps under seal. */
type Sealed = {
  readonly subject: readonly { readonly namespace: keyof typeof IDENTIFIER_FIELDS; readonly value: string }[];
  readonly evidence?: JsonObject;
  readonly proof?: Json;
  readonly claimed?: JsonObject;
  readonly references?: Readonly<Record<string, string>>;
  readonly indicatedAt?: string;
};

/** One item for the identifiers that the sender spoke for, and one for those that it merely named. */
function itemsOf(deps: ExportDeps, query: ExportQuery, fact: LedgerFact): readonly JsonObject[] {
  const opened = deps.vault.openRecord(`consent/${fact.recordId}`, fact.sealed);
  if (!opened.ok) return [];
  const sealed = JSON.parse(opened.value.toString('utf8')) as Sealed;
  const owns = new Map(fact.nodes.map(({ node, own }) => [node, own]));
  const subjects = { own: [] as Sealed['subject'][number][], named: [] as Sealed['subject'][number][] };
  for (const identifier of sealed.subject) {
    const own = owns.get(deps.vault.lookup(query.brand, identifier.namespace, identifier.value));
    if (own !== undefined) subjects[own ? 'own' : 'named'].push(identifier);
  }
  return (['own', 'named'] as const).flatMap((standing) =>
    subjects[standing].length === 0
      ? []
      : [itemOf(deps, query, { fact, sealed, standing, subject: subjects[standing] })],
  );
}

type Told = {
  readonly fact: LedgerFact;
  readonly sealed: Sealed;
  readonly standing: 'own' | 'named';
  readonly subject: Sealed['subject'];
};

function itemOf(
  { deployment }: ExportDeps,
  { brand }: ExportQuery,
  { fact, sealed, standing, subject }: Told,
): JsonObject {
  const placed = orderTime(fact);
  const proven = isNegative(fact.status) || (standing === 'own' && placed !== 'requested');
  const text = textOf(deployment, brand, fact, sealed);
  const notice = noticeOf(fact, text);
  const reference = sealed.references?.[fact.purpose];
  return {
    messageId: `consent:${fact.recordId}:${fact.purpose}:${fact.vendor}:${standing}`.slice(0, 256),
    subject: Object.fromEntries(
      subject.map(({ namespace, value }) => [IDENTIFIER_FIELDS[namespace] ?? namespace, value]),
    ),
    decisions: [
      {
        purpose: fact.purpose,
        status: proven ? fact.status : 'requested',
        ...(fact.vendor === ANY_VENDOR ? {} : { vendor: fact.vendor }),
        ...(fact.basis === undefined ? {} : { basis: fact.basis }),
        ...(reference === undefined ? {} : { reference }),
      },
    ],
    channel: fact.channel,
    indicatedAt: iso(placed === 'requested' ? fact.indicatedAt : placed),
    ...(notice === undefined ? {} : { notice }),
    [proven ? 'evidence' : 'claimed']: proofOf(fact, sealed),
  };
}

/** What the ledger of this installation says of the decision, beside what it was recorded with. */
function proofOf(fact: LedgerFact, { evidence, proof, claimed, indicatedAt }: Sealed): JsonObject {
  return {
    ledger: {
      recordId: fact.recordId,
      position: fact.position,
      source: fact.source,
      indicatedAt: indicatedAt ?? iso(fact.indicatedAt),
      receivedAt: iso(fact.receivedAt),
      indicatedBy: fact.indicatedBy,
      clock: fact.clock,
      verified: fact.verified,
      ...(proof === undefined ? {} : { proof }),
    },
    ...(evidence === undefined ? {} : { evidence }),
    ...(claimed === undefined ? {} : { claimed }),
  };
}

function noticeOf({ noticeId, noticeVersion }: LedgerFact, text: string | undefined): JsonObject | undefined {
  const notice = { id: noticeId, version: noticeVersion };
  if (isSameNotice(notice, IMPORTED_WITHOUT_NOTICE)) return undefined;
  if (isSameNotice(notice, IMPORTED_WITH_TEXT)) return text === undefined ? undefined : { text };
  return text === undefined ? notice : { ...notice, text };
}

/** The text that was shown: of the notice as it is configured, or as the row of a file brought it. */
function textOf(
  { notices }: ExportDeps['deployment'],
  brand: ExportQuery['brand'],
  { noticeId, noticeVersion }: LedgerFact,
  { evidence, claimed }: Sealed,
): string | undefined {
  const shown = notices.find((one) => one.brand === brand && one.id === noticeId && one.version === noticeVersion);
  if (shown !== undefined) return Object.values(shown.text).join('\n') || undefined;
  const brought = [claimed, evidence].flatMap((each) => (isJsonObject(each?.['notice']) ? [each['notice']] : []));
  return [...brought, evidence ?? {}].map((each) => each['text']).find((text) => typeof text === 'string');
}
