import { documentOf, numberOf, textOf } from '../api/answer-document.ts';
import { type ApiClient, type ApiOptions, apiClientOf, ask } from '../api/api-client.ts';
import { withApiOptions } from '../api/api-options.ts';
import { FLOW_SUMS, flowOf, isBalanced } from '../api/flow.ts';
import type { Register } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { VERSION } from '../version.ts';
import { amount, count } from '../words/figures.ts';
import { textTable } from '../words/text-table.ts';

/** `filrouge doctor`: whether a running server is ready, and whether everything it accepted is accounted for. */
export const registerDoctor: Register = (program, perform) => {
  const doctor = program
    .command('doctor')
    .description('say whether a running server is ready and its books balance; exit code 3 when not')
    .addHelpText(
      'after',
      `
Balanced: accepted = pending + kept + withheld + quarantined + discarded. With --json also
damaged     of those in quarantine: accepted items that cannot be read in the journal any more, its bytes were damaged on
            disk; put them back from a backup and run filrouge replay, or discard them
unresolved  times since the start of the server that new facts met a part of the identity graph too large to be
            resolved: who is who may stand as it stood; null where /metrics is closed to the token
warnings    what to look at, a sentence each`,
    );
  withApiOptions(doctor).action(perform<ApiOptions>(examine));
};

async function examine(context: CommandContext, options: ApiOptions): Promise<ExitCode> {
  const client = apiClientOf(context, options);
  const [answer, ready] = [await client.call('GET', '/api/flow'), await ask(client.url, '/readyz', context.stop)];
  const unresolved = await figure(client, 'filrouge_identity_unresolved');
  const flow = flowOf(answer);
  const balanced = isBalanced(flow);
  const isReady = ready.status < 300;
  const warnings = [
    ...(isReady ? [] : [`not ready: ${textOf(readiness(ready.text)['detail']) ?? `/readyz answers ${ready.status}`}`]),
    ...(flow.damaged > 0 ? [damage(flow.damaged)] : []),
    ...(unresolved === undefined ? ['its figures cannot be read: /metrics does not answer this token'] : []),
    ...((unresolved ?? 0) > 0 ? [identity(unresolved ?? 0)] : []),
    ...(flow.quarantined > 0
      ? [
          `${amount(flow.quarantined, 'item')} ${flow.quarantined === 1 ? 'waits' : 'wait'} in quarantine: filrouge quarantine list`,
        ]
      : []),
  ];
  const versions = { filrouge: VERSION, node: process.versions.node };
  if (context.json) {
    context.data(
      JSON.stringify({
        ...documentOf(answer),
        balanced,
        ready: isReady,
        unresolved,
        url: client.url,
        versions,
        warnings,
      }),
    );
  } else {
    for (const line of textTable(
      ['', 'items'],
      FLOW_SUMS.map((name) => [name, count(flow[name])]),
      new Set([1]),
    ))
      context.data(line);
    for (const line of withheldLines(answer)) context.data(line);
    context.data('');
    context.data(
      balanced
        ? 'balanced: everything accepted is accounted for'
        : 'NOT balanced: accepted is not the sum of what became of it',
    );
    context.data(
      `${isReady ? 'ready' : 'not ready'}: ${client.url} (filrouge ${versions.filrouge}, Node ${versions.node})`,
    );
    for (const warning of warnings) context.data(`warning: ${warning}`);
  }
  return balanced && isReady ? EXIT.done : EXIT.differences;
}

/** Why items were withheld, most frequent first. */
function withheldLines(answer: unknown): readonly string[] {
  const reasons = new Map<string, number>();
  for (const source of Object.values(documentOf(documentOf(answer)['bySource']))) {
    for (const [reason, names] of Object.entries(documentOf(documentOf(source)['withheldBy']))) {
      const items = Object.values(documentOf(names)).reduce<number>((sum, n) => sum + (numberOf(n) ?? 0), 0);
      reasons.set(reason, (reasons.get(reason) ?? 0) + items);
    }
  }
  if (reasons.size === 0) return [];
  const rows = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, items]) => [reason, count(items)]);
  return ['', ...textTable(['withheld for', 'items'], rows, new Set([1]))];
}

/** One of the server's figures; undefined where they are not shown. */
async function figure(client: ApiClient, name: string): Promise<number | undefined> {
  try {
    const text = await client.text('/metrics', 'text/plain');
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text);
    return found === null ? undefined : Number(found[1]);
  } catch (fault) {
    if (fault instanceof CommandFailure) return undefined;
    throw fault;
  }
}

function identity(times: number): string {
  const met = `new facts met a part of the identity graph too large to be resolved, ${amount(times, 'time')} since its start`;
  return `${met}: who is who may stand as it stood there. Look for a value that many share, or for a flood`;
}

function damage(items: number): string {
  const lost = `${amount(items, 'accepted item')} cannot be read in the journal any more: its bytes were damaged on disk`;
  return `${lost}. Put the rows back from a backup and run filrouge replay, or discard the items`;
}

function readiness(text: string): ReturnType<typeof documentOf> {
  try {
    return documentOf(JSON.parse(text));
  } catch {
    return {};
  }
}
