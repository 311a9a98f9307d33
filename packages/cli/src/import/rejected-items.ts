import type { Mark } from '@filrouge/domain/event';
import { PROBLEMS, type ProblemCode, type RowProblem } from '@filrouge/wire';
import { documentOf, numberOf } from '../api/answer-document.ts';
import type { Answer } from '../http/poster.ts';
import type { Outcome } from './import-file.ts';

/** The rejected items of an answer of the door, at the lines they came from; undefined when it refused the request itself. */
export function rejectedItems(answer: Answer, lines: readonly number[]): readonly RowProblem[] | undefined {
  const document = parsed(answer.body);
  const { rejected } = (document ?? {}) as { readonly rejected?: unknown };
  const taken = answer.status >= 200 && answer.status < 300;
  if (!Array.isArray(rejected)) return taken ? [] : undefined;
  return rejected.flatMap((each: unknown) => {
    const { index } = each as { readonly index?: unknown };
    const line = typeof index === 'number' ? lines[index] : undefined;
    return line === undefined ? [] : [problemAt(line, each as Readonly<Record<string, unknown>>)];
  });
}

/** How many items of a batch are of a time to come, which the door dates to their receipt (S4). */
export function datedAhead({ body }: Answer): number {
  const { warnings } = (parsed(body) ?? {}) as { readonly warnings?: unknown };
  if (!Array.isArray(warnings)) return 0;
  return warnings.filter(
    (each: unknown) => (each as { readonly code?: unknown }).code === ('time-in-future' satisfies Mark),
  ).length;
}

/** What became of the items of a batch that were not rejected; undefined where the door does not say. */
export function outcomeOf({ status, body }: Answer): Outcome | undefined {
  // Where nothing was taken there is nothing to tell apart.
  if (status >= 300) return { new: 0, duplicates: 0, withheld: 0, quarantined: 0 };
  const { outcome } = (parsed(body) ?? {}) as { readonly outcome?: unknown };
  const told = documentOf(outcome);
  const counted = (name: keyof Outcome): number => numberOf(told[name]) ?? 0;
  return numberOf(told['new']) === undefined
    ? undefined
    : {
        new: counted('new'),
        duplicates: counted('duplicates'),
        withheld: counted('withheld'),
        quarantined: counted('quarantined'),
      };
}

/** One refusal of the door, or of the wire before it, at a line of the file. */
export function problemAt(line: number, entry: Readonly<Record<string, unknown>>): RowProblem {
  const text = (name: string): string => (typeof entry[name] === 'string' ? entry[name] : '');
  const code = text('code');
  // An answer's `message` is what is wrong and how to mend it; the catalogue has them apart.
  const known = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode].en : undefined;
  const detail = text('detail');
  return {
    line,
    column: columnOf(text('pointer')),
    code: code as ProblemCode,
    message: known?.message ?? text('message'),
    mend: known?.mend ?? text('mend'),
    ...(detail === '' || detail === known?.mend ? {} : { detail }),
  };
}

/** Places of an item that come from one column; elsewhere the pointer itself is the best name. */
const COLUMN_OF: Readonly<Record<string, string>> = {
  '/timestamp': 'occurred_at',
  '/messageId': 'message_id',
  '/identifiers/email': 'email',
  '/identifiers/phone': 'phone',
  '/identifiers/loyaltyCard': 'loyalty_card',
  '/identifiers/userId': 'customer_id',
  '/receipt/number': 'ticket_id',
  '/receipt/store': 'store_id',
  '/receipt/till': 'till_id',
  '/receipt/amountMinor': 'ticket_total',
  '/receipt/vatMinor': 'ticket_vat',
  '/receipt/currency': 'currency',
  '/subject/email': 'email',
  '/subject/phone': 'phone',
  '/subject/loyaltyCard': 'loyalty_card',
  '/subject/userId': 'customer_id',
  '/indicatedAt': 'indicated_at',
  '/channel': 'channel',
  '/notice': 'notice_id',
  '/decisions/0/purpose': 'purpose',
  '/decisions/0/status': 'status',
};

function columnOf(pointer: string): string {
  return COLUMN_OF[pointer] ?? pointer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
