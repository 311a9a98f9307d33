import type { AppendTransaction, MessageKey, SeenKey, Vault } from '@filrouge/ports';
import type { AcceptedConsent, JudgedConsent } from './judge-consents.ts';

/**
 * Rows of files that were recorded before become duplicates (S16). Only what the ledger takes is claimed: a refused row
 * comes in once the configuration is mended. A changed row is another one, because a no must not be lost for its id.
 */
export async function claimRows(
  vault: Pick<Vault, 'messageKey'>,
  judged: readonly JudgedConsent[],
  claim: AppendTransaction['claim'],
): Promise<readonly JudgedConsent[]> {
  const first = new Map<MessageKey, { readonly key: SeenKey; readonly consent: JudgedConsent }>();
  const rows = new Set<JudgedConsent>();
  for (const consent of judged) {
    const key = consent.kind === 'accepted' ? rowKeyOf(vault, consent) : undefined;
    if (key === undefined) continue;
    rows.add(consent);
    if (!first.has(key.id)) first.set(key.id, { key, consent });
  }
  if (rows.size === 0) return judged;
  const asked = [...first.values()];
  const answers = await claim(asked.map(({ key }) => key));
  const fresh = new Set(asked.flatMap(({ consent }, at) => (answers[at] === 'new' ? [consent] : [])));
  return judged.map((consent) =>
    rows.has(consent) && !fresh.has(consent) ? { kind: 'duplicate', submissionAt: consent.submissionAt } : consent,
  );
}

/** Apart from every item's: no message id begins so. */
function rowKeyOf(vault: Pick<Vault, 'messageKey'>, { consent, source, run }: AcceptedConsent): SeenKey | undefined {
  const { row } = consent;
  if (row === undefined) return undefined;
  return {
    day: row.day === undefined ? undefined : new Date(row.day).toISOString().slice(0, 10),
    id: vault.messageKey(consent.brand, source.id, `\0consent\n${row.messageId}\n${row.body}`),
    body: row.body,
    // A no outlives the undoing of its import, and is known then: recorded anew it would be dated anew.
    ...(run === undefined || consent.decisions.some(({ status }) => status !== 'given') ? {} : { run }),
  };
}
